using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The tables of the KMS on PostgreSQL.</summary>
public sealed class PostgreSqlKmsDbContext(DbContextOptions<PostgreSqlKmsDbContext> options) : KmsDbContext(options)
{
    internal static DbContextOptions<PostgreSqlKmsDbContext> OptionsFor(NpgsqlDataSource source) =>
        new DbContextOptionsBuilder<PostgreSqlKmsDbContext>().UseNpgsql(source).Options;

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // Octet by octet, whatever collation the database was made with: identities enter UIDs as they are (TS 33.180 F.2.1).
        foreach (IMutableProperty property in modelBuilder.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
        {
            if (property.ClrType == typeof(string))
            {
                property.SetCollation("C");
            }
        }
    }
}

/// <summary>For the tool that writes migrations.</summary>
public sealed class PostgreSqlKmsDbContextFactory : IDesignTimeDbContextFactory<PostgreSqlKmsDbContext>
{
    /// <inheritdoc/>
    public PostgreSqlKmsDbContext CreateDbContext(string[] args) => new(
        new DbContextOptionsBuilder<PostgreSqlKmsDbContext>().UseNpgsql("Host=localhost;Database=design").Options);
}

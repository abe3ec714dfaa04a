using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Watchword.ResourceServers.Storage;

/// <summary>The tables on PostgreSQL.</summary>
internal sealed class PostgreSqlServicesDbContext(DbContextOptions<PostgreSqlServicesDbContext> options) : ServicesDbContext(options)
{
    internal static DbContextOptions<PostgreSqlServicesDbContext> OptionsFor(string connectionString) =>
        new DbContextOptionsBuilder<PostgreSqlServicesDbContext>().UseNpgsql(connectionString).Options;

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // Octet by octet, whatever collation the database was made with: identities are compared as they are.
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
internal sealed class PostgreSqlServicesDbContextFactory : IDesignTimeDbContextFactory<PostgreSqlServicesDbContext>
{
    /// <inheritdoc/>
    public PostgreSqlServicesDbContext CreateDbContext(string[] args) =>
        new(PostgreSqlServicesDbContext.OptionsFor("Host=localhost;Database=design"));
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Makes contexts: for the store, and for the tool that writes migrations.</summary>
public sealed class KmsDbContextFactory : IDesignTimeDbContextFactory<KmsDbContext>
{
    /// <inheritdoc/>
    public KmsDbContext CreateDbContext(string[] args) => new(OptionsFor("design.db"));

    internal static DbContextOptions<KmsDbContext> OptionsFor(string path)
    {
        SqliteConnectionStringBuilder connection = new() { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate };
        return new DbContextOptionsBuilder<KmsDbContext>()
            .UseSqlite(connection.ToString())
            .AddInterceptors(new SqliteSettings())
            .Options;
    }
}

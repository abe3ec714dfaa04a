using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Makes contexts: for the store, and for the tool that writes migrations.</summary>
public sealed class KmsDbContextFactory : IDesignTimeDbContextFactory<KmsDbContext>
{
    /// <inheritdoc/>
    public KmsDbContext CreateDbContext(string[] args) => new(OptionsFor("design.db"));

    internal static string ConnectionStringFor(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate }.ToString();

    internal static DbContextOptions<KmsDbContext> OptionsFor(string path) => new DbContextOptionsBuilder<KmsDbContext>()
        .UseSqlite(ConnectionStringFor(path))
        .AddInterceptors(new SqliteSettings())
        .Options;
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The tables of the KMS on SQLite, which compares text octet by octet of itself.</summary>
public sealed class SqliteKmsDbContext(DbContextOptions<SqliteKmsDbContext> options) : KmsDbContext(options)
{
    internal static DbContextOptions<SqliteKmsDbContext> OptionsFor(string path) =>
        new DbContextOptionsBuilder<SqliteKmsDbContext>()
            .UseSqlite(KmsDatabase.SqliteConnectionString(path))
            .AddInterceptors(new SqliteSettings())
            .Options;
}

/// <summary>For the tool that writes migrations.</summary>
public sealed class SqliteKmsDbContextFactory : IDesignTimeDbContextFactory<SqliteKmsDbContext>
{
    /// <inheritdoc/>
    public SqliteKmsDbContext CreateDbContext(string[] args) => new(SqliteKmsDbContext.OptionsFor("design.db"));
}

using Microsoft.EntityFrameworkCore;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Tests.Mcx.Support;

/// <summary>The tables of the MCX server, and the documents that it reads, on either provider.</summary>
internal sealed class McxTestContext(DbContextOptions options) : DbContext(options)
{
    public static McxTestContext Create(string connectionString) => new(
        connectionString.StartsWith("Data Source", StringComparison.Ordinal)
            ? new DbContextOptionsBuilder().UseSqlite(connectionString).Options
            : new DbContextOptionsBuilder().UseNpgsql(connectionString).Options);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        McxConfiguration configuration = new();
        modelBuilder.ApplyConfiguration<BindingRow>(configuration);
        modelBuilder.ApplyConfiguration<RegistrationRow>(configuration);
        modelBuilder.ApplyConfiguration<OpenedMessageRow>(configuration);
        modelBuilder.ApplyConfiguration<KeyDownloadRow>(configuration);
        modelBuilder.ApplyConfiguration<SettingsSubscriptionRow>(configuration);
        modelBuilder.ApplyConfiguration<EndedTokensRow>(configuration);
        modelBuilder.ApplyConfiguration<AffiliationRow>(configuration);
        modelBuilder.ApplyConfiguration<XcapDocumentRow>(new XcapConfiguration());
    }
}

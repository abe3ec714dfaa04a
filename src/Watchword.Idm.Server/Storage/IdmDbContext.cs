using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Watchword.Idm.Server.Storage;

/// <summary>Accounts, identities, clients and tokens of the IdM server.</summary>
public sealed class IdmDbContext(DbContextOptions<IdmDbContext> options) : IdentityUserContext<Account, Guid>(options)
{
    /// <summary>Owners of MC service IDs and entity URIs.</summary>
    public DbSet<OwnedIdentity> Identities => Set<OwnedIdentity>();

    /// <summary>Client assertions that were presented.</summary>
    public DbSet<UsedAssertion> UsedAssertions => Set<UsedAssertion>();

    /// <summary>What initialisation wrote.</summary>
    public DbSet<ServerState> State => Set<ServerState>();

    /// <summary>Standing of subjects that are or were not simply enabled.</summary>
    public DbSet<SubjectRecord> Subjects => Set<SubjectRecord>();

    /// <summary>Streams of security events, one for each resource server that takes them.</summary>
    public DbSet<EventStreamState> EventStreams => Set<EventStreamState>();

    /// <summary>The events of those streams.</summary>
    public DbSet<OutboundEvent> OutboundEvents => Set<OutboundEvent>();

    /// <summary>Users of primary IdM servers.</summary>
    public DbSet<ForeignSubject> ForeignSubjects => Set<ForeignSubject>();

    /// <summary>Primary IdM servers that are blocked.</summary>
    public DbSet<BlockedPrimary> BlockedPrimaries => Set<BlockedPrimary>();

    /// <summary>Security tokens that were redeemed.</summary>
    public DbSet<RedeemedSecurityToken> RedeemedSecurityTokens => Set<RedeemedSecurityToken>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<Account>().ToTable("Accounts").Ignore(account => account.Subject);
        builder.Entity<OwnedIdentity>(entity =>
        {
            entity.ToTable("Identities", table => table.HasCheckConstraint(
                "CK_Identities_OneOwner", "(AccountId IS NULL) <> (ClientId IS NULL)"));
            entity.HasKey(identity => identity.Value);
            entity.Property(identity => identity.Value).UseCollation("BINARY");
            entity.HasOne<Account>().WithMany().HasForeignKey(identity => identity.AccountId).OnDelete(DeleteBehavior.Restrict);
            entity.HasIndex(identity => identity.ClientId);
        });
        builder.Entity<UsedAssertion>(entity =>
        {
            entity.ToTable("UsedAssertions");
            entity.HasKey(assertion => new { assertion.ClientId, assertion.Jti });
            entity.HasIndex(assertion => assertion.ExpiresAt);
        });
        builder.Entity<ServerState>(entity =>
        {
            entity.ToTable("ServerState");
            entity.Property(state => state.Id).ValueGeneratedNever();
        });
        AddSecurityEvents(builder);
        AddInterDomain(builder);
    }

    private static void AddInterDomain(ModelBuilder builder)
    {
        builder.Entity<ForeignSubject>(entity =>
        {
            entity.ToTable("ForeignSubjects");
            entity.HasKey(row => row.Subject);
            entity.HasIndex(row => new { row.Issuer, row.IssuerSubject }).IsUnique();
        });
        builder.Entity<BlockedPrimary>(entity =>
        {
            entity.ToTable("BlockedPrimaries");
            entity.HasKey(row => row.Issuer);
        });
        builder.Entity<RedeemedSecurityToken>(entity =>
        {
            entity.ToTable("RedeemedSecurityTokens");
            entity.HasKey(row => new { row.Issuer, row.Name });
            entity.HasIndex(row => row.ExpiresAt);
        });
    }

    private static void AddSecurityEvents(ModelBuilder builder)
    {
        builder.Entity<SubjectRecord>(entity =>
        {
            entity.ToTable("Subjects");
            entity.HasKey(record => record.Subject);
            entity.Property(record => record.Subject).UseCollation("BINARY");
        });
        builder.Entity<EventStreamState>(entity =>
        {
            entity.ToTable("EventStreams");
            entity.HasKey(stream => stream.Audience);
        });
        builder.Entity<OutboundEvent>(entity =>
        {
            entity.ToTable("OutboundEvents");
            entity.HasKey(row => new { row.Audience, row.Sequence });
        });
    }

    /// <summary>SQLite has no type for a time with an offset: milliseconds since 1970 compare as times do.</summary>
    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), number => DateTimeOffset.FromUnixTimeMilliseconds(number));
}

/// <summary>Lets <c>dotnet ef migrations add</c> build the model without a data directory.</summary>
internal sealed class IdmDbContextFactory : IDesignTimeDbContextFactory<IdmDbContext>
{
    public IdmDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<IdmDbContext>().UseSqlite("Data Source=:memory:").UseOpenIddict().Options);
}

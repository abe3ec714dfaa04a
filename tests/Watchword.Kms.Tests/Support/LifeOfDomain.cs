using Microsoft.Extensions.Time.Testing;
using Watchword.KeyManagement;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Tests.Support;

/// <summary>A domain with two nodes over one store, at the start of a key period of 1000 seconds.</summary>
internal sealed class LifeOfDomain : IDisposable
{
    public const string KmsUri = "kms.x.example";
    public const string Issuer = "issuer";
    public const long PeriodSeconds = 1000;

    private readonly TemporaryStore _files = new();

    private LifeOfDomain()
    {
    }

    public static Authority Officer { get; } = new("admin", "officer", "crypto officer");

    public static DateTimeOffset Start { get; } = new KeyPeriodSchedule(PeriodSeconds, 0)
        .At(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)).Start;

    public FakeTimeProvider Time { get; } = new(Start);

    public EphemeralCustody Custody { get; } = new();

    public KmsStore Store { get; private set; } = null!;

    public GenerationActs Acts { get; private set; } = null!;

    public IReadOnlyList<KmsInstallation> Nodes { get; private set; } = [];

    public static async Task<LifeOfDomain> CreateAsync(
        CancellationToken cancellationToken, long periodSeconds = PeriodSeconds)
    {
        LifeOfDomain life = new();
        life.Store = await life._files.OpenAsync(life.Time);
        await SecurityDomain.CreateAsync(
            new DomainDescription(KmsUri, new KeyPeriodSchedule(periodSeconds, 0)), life.Store, life.Custody, life.Time,
            cancellationToken);
        life.Acts = new GenerationActs(life.Store, life.Custody, life.Time);
        life.Nodes = [await life.OpenNodeAsync(cancellationToken), await life.OpenNodeAsync(cancellationToken)];
        return life;
    }

    /// <summary>A node; one that gives out what was prepared if it is told where that is.</summary>
    public Task<KmsInstallation> OpenNodeAsync(CancellationToken cancellationToken, PreparedKeySource? ahead = null) =>
        KmsInstallation.OpenAsync(
            Store, Custody, new Dictionary<string, DomainPolicy> { [KmsUri] = new() { FullCheckRate = 0 } }, Time,
            instruments: null, ahead, cancellationToken);

    /// <summary>Changes the database past the store.</summary>
    public void Execute(string sql) => _files.Execute(sql);

    /// <summary>Everything that the database has on the disk.</summary>
    public byte[] ReadFiles() => _files.ReadFiles();

    /// <inheritdoc cref="AskAsync(KmsInstallation, string, string, DateTimeOffset?, DateTimeOffset?, CancellationToken)"/>
    public Task<IssuedKeySets> AskAsync(
        int node, string subject, string userUri, DateTimeOffset? time = null, DateTimeOffset? tokenIssuedAt = null,
        CancellationToken cancellationToken = default) =>
        AskAsync(Nodes[node], subject, userUri, time, tokenIssuedAt, cancellationToken);

    /// <summary>Asks a node like a host does.</summary>
    public async Task<IssuedKeySets> AskAsync(
        KmsInstallation node, string subject, string userUri, DateTimeOffset? time = null, DateTimeOffset? tokenIssuedAt = null,
        CancellationToken cancellationToken = default)
    {
        await node.RefreshAsync(cancellationToken);
        KeyIssuer issuer = node.Find(KmsUri)!;
        IssuanceRequest request = new(
            new Requester(Issuer, subject, [new RequesterIdentity(userUri, "mcptt")]), userUri, time, "c0ffee")
        {
            Conditions = new IssuanceConditions { TokenIssuedAt = tokenIssuedAt },
        };
        return await issuer.IssueAsync(await issuer.PrepareAsync(request, cancellationToken), cancellationToken);
    }

    public Task<DomainRecord> PrepareAsync(bool newSecrets, KeyPeriodSchedule? schedule, CancellationToken cancellationToken) =>
        Acts.PrepareAsync(
            Officer, KmsUri, new GenerationPlan { NewSecrets = newSecrets, Schedule = schedule }, "c", cancellationToken);

    public Task<DomainRecord> ActivateAsync(int generation, DateTimeOffset? at, CancellationToken cancellationToken) =>
        Acts.ActivateAsync(Officer, KmsUri, generation, at, new KeyPeriodPolicy(), "c", cancellationToken);

    public Task<DomainRecord> TaintAsync(int generation, CancellationToken cancellationToken) =>
        Acts.TaintAsync(Officer, KmsUri, generation, "suspected", "c", cancellationToken);

    public Task<DomainRecord> RevokeAsync(int generation, CancellationToken cancellationToken) =>
        Acts.RevokeAsync(Officer, KmsUri, generation, "stolen", "c", cancellationToken);

    /// <summary>From now on no act can be recorded.</summary>
    public async Task RefuseAuditAsync(CancellationToken cancellationToken) =>
        _files.RefuseAuditAfter((await Store.GetAuditHeadAsync(cancellationToken)).Sequence);

    public void Dispose()
    {
        foreach (KmsInstallation node in Nodes)
        {
            node.Dispose();
        }

        Custody.Dispose();
        Store.Dispose();
        _files.Dispose();
    }
}

using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Tests.Support;

/// <summary>A <see cref="LifeOfDomain"/> whose nodes prepare ahead.</summary>
internal sealed class PreparedDomain : IDisposable
{
    public static readonly PreparationSettings Settings = new(ProcessorShare: 1, BatchSize: 3);

    private readonly CountedMeters _meters;

    private PreparedDomain(LifeOfDomain life, CountedMeters meters)
    {
        Life = life;
        _meters = meters;
    }

    public LifeOfDomain Life { get; }

    /// <summary>Key sets given out that had been prepared.</summary>
    public long Taken => _meters.Of("watchword.kms.prepared.taken");

    /// <summary>Prepared key sets that were of no use when they were asked for.</summary>
    public long Discarded => _meters.Of("watchword.kms.prepared.discarded");

    public PreparedKeyVault Vault { get; private init; } = null!;

    public TransportKeyVault TransportKeys { get; private init; } = null!;

    /// <summary>A node that gives out what was prepared.</summary>
    public KmsInstallation Node { get; private init; } = null!;

    public PreparationActs Acts => new(Life.Store, Vault, Life.Time);

    public SecurityDomain Domain => Node.Find(LifeOfDomain.KmsUri)!.Domain;

    public static async Task<PreparedDomain> CreateAsync(
        CancellationToken cancellationToken, long periodSeconds = LifeOfDomain.PeriodSeconds)
    {
        LifeOfDomain life = await LifeOfDomain.CreateAsync(cancellationToken, periodSeconds);
        PreparedKeyVault vault = new(life.Custody);
        CountedMeters meters = new();
        return new PreparedDomain(life, meters)
        {
            Vault = vault,
            TransportKeys = new TransportKeyVault(life.Custody),
            Node = await life.OpenNodeAsync(
                cancellationToken, new PreparedKeySource(life.Store, vault, life.Time, new PreparationInstruments(meters))),
        };
    }

    public PreparationRunner Runner(PreparationSettings? settings = null) =>
        new(Life.Store, Node, Vault, TransportKeys, settings ?? Settings, Life.Time);

    public Task<long> SweepAsync(CancellationToken cancellationToken) =>
        new PreparationSweep(Life.Store, Node, Life.Time).RunAsync(cancellationToken);

    /// <summary>Keys users in the current period, the source of a preparation.</summary>
    public async Task KeyAsync(int users, CancellationToken cancellationToken)
    {
        for (int user = 0; user < users; user++)
        {
            (await Life.AskAsync(0, NameOf(user), UriOf(user), cancellationToken: cancellationToken)).Dispose();
        }
    }

    /// <summary>Orders the preparation of the next period, or of a generation.</summary>
    public async Task<Preparation> StartAsync(
        CancellationToken cancellationToken, int? generation = null, IReadOnlyList<KeyHolder>? listed = null)
    {
        await Node.RefreshAsync(cancellationToken);
        PreparationPlan plan = await Acts.PlanAsync(Domain, generation, listed, cancellationToken);
        return await Acts.StartAsync(LifeOfDomain.Officer, Domain, plan, listed, "prepare", cancellationToken);
    }

    /// <summary>Orders it and has it done.</summary>
    public async Task<Preparation> PrepareAsync(CancellationToken cancellationToken, int? generation = null)
    {
        await StartAsync(cancellationToken, generation);
        return (await Runner().RunAsync(cancellationToken)).ShouldNotBeNull();
    }

    /// <summary>To where the next period is open.</summary>
    public void OpenNextPeriod() => Life.Time.Advance(TimeSpan.FromSeconds(LifeOfDomain.PeriodSeconds - 100));

    /// <summary>The octets of the next key set of a user, from a node that takes what was prepared.</summary>
    public async Task<byte[]> TakeAsync(
        int user, CancellationToken cancellationToken, TransportKeyExchange? exchange = null, string? subject = null)
    {
        await Node.RefreshAsync(cancellationToken);
        KeyIssuer issuer = Node.Find(LifeOfDomain.KmsUri)!;
        IssuanceRequest request = new(
            new Requester(LifeOfDomain.Issuer, subject ?? NameOf(user), [new RequesterIdentity(UriOf(user), "mcptt")]), UriOf(user),
            LifeOfDomain.Start.AddSeconds(LifeOfDomain.PeriodSeconds + 1), "c0ffee")
        {
            Exchange = exchange,
        };
        using IssuedKeySets issued = await issuer.IssueAsync(await issuer.PrepareAsync(request, cancellationToken), cancellationToken);
        return Octets(issued.KeySets.ShouldHaveSingleItem());
    }

    /// <summary>The same from a node that prepares nothing.</summary>
    public async Task<byte[]> MakeAsync(int user, CancellationToken cancellationToken)
    {
        using IssuedKeySets issued = await Life.AskAsync(
            0, NameOf(user), UriOf(user), LifeOfDomain.Start.AddSeconds(LifeOfDomain.PeriodSeconds + 1),
            cancellationToken: cancellationToken);
        return Octets(issued.KeySets.ShouldHaveSingleItem());
    }

    public async Task<IReadOnlyList<AuditRecord>> AuditAsync(CancellationToken cancellationToken) =>
        await Life.Store.ReadAuditAsync(cancellationToken).Where(record => record.Entry.Kind == AuditKind.Preparation)
            .ToListAsync(cancellationToken);

    public void Dispose()
    {
        _meters.Dispose();
        Node.Dispose();
        TransportKeys.Dispose();
        Vault.Dispose();
        Life.Dispose();
    }

    public static string NameOf(int user) => $"user{user}";

    public static string UriOf(int user) => $"sip:{user}@x.example";

    private static byte[] Octets(KmsKeySet keySet)
    {
        byte[] octets = new byte[257 + 32 + 65];
        keySet.ExportReceiverKey(octets.AsSpan(0, 257));
        keySet.ExportSigningSecret(octets.AsSpan(257, 32));
        keySet.ExportPublicToken(octets.AsSpan(289));
        return octets;
    }
}

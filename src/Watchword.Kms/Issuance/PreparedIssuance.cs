using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>One identity in one key period, checked against the policy.</summary>
internal sealed record PreparedKey(RequesterIdentity Identity, UserId UserId);

/// <summary>An issuance that the policy allows. Good for one <see cref="KeyIssuer.IssueAsync"/> and no more.</summary>
public sealed class PreparedIssuance
{
    private int _used;

    internal PreparedIssuance(
        IssuanceRequest request, DomainGeneration generation, long periodNumber, IReadOnlyList<PreparedKey> keys)
    {
        Request = request;
        Generation = generation;
        PeriodNumber = periodNumber;
        Keys = keys;
    }

    /// <summary>From which generation it will be issued.</summary>
    public DomainGeneration Generation { get; }

    /// <summary>The key period, by the schedule of the generation.</summary>
    public long PeriodNumber { get; }

    /// <summary>How many key sets will be issued.</summary>
    public int Count => Keys.Count;

    internal IssuanceRequest Request { get; }

    internal IReadOnlyList<PreparedKey> Keys { get; }

    internal void Use()
    {
        if (Interlocked.Exchange(ref _used, 1) != 0)
        {
            throw new InvalidOperationException("A prepared issuance is good for one issue.");
        }
    }

    /// <summary>The audit entry of one key; an outcome names its intent.</summary>
    internal AuditEntry ToEntry(
        PreparedKey key, AuditRecord? intent = null, ReadOnlyMemory<byte> tokenHash = default,
        KmsError result = KmsError.None) => new()
    {
        Kind = intent is null ? AuditKind.Intent : AuditKind.Outcome,
        KmsUri = Generation.Record.KmsUri,
        Generation = Generation.Number,
        CorrelationId = Request.CorrelationId,
        Issuer = Request.Requester.Issuer,
        Subject = Request.Requester.Subject,
        UserUri = key.Identity.Uri,
        Service = key.Identity.Service,
        KeyPeriodNumber = PeriodNumber,
        UserId = key.UserId.Octets.ToArray(),
        PublicTokenHash = tokenHash,
        IntentSequence = intent?.Sequence,
        Result = (int)result,
    };
}

/// <summary>Key sets that are recorded and may leave the KMS. Disposing zeroes them.</summary>
public sealed class IssuedKeySets : IDisposable
{
    internal IssuedKeySets(IReadOnlyList<KmsKeySet> keySets) => KeySets = keySets;

    /// <summary>The key sets, in the order of the requester's identities.</summary>
    public IReadOnlyList<KmsKeySet> KeySets { get; }

    /// <summary>Zeroes all keys.</summary>
    public void Dispose()
    {
        foreach (KmsKeySet keySet in KeySets)
        {
            keySet.Dispose();
        }
    }
}

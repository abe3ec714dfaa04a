using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>One identity in one key period, checked against the policy.</summary>
internal sealed record PreparedKey(RequesterIdentity Identity, UserId UserId);

/// <summary>An issuance that the policy allows. Good for one <see cref="KeyIssuer.IssueAsync"/> and no more.</summary>
public sealed class PreparedIssuance
{
    private int _used;

    internal PreparedIssuance(IssuanceRequest request, long periodNumber, IReadOnlyList<PreparedKey> keys)
    {
        Request = request;
        PeriodNumber = periodNumber;
        Keys = keys;
    }

    /// <summary>The key period.</summary>
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

    /// <summary>What is to be issued, before any key exists.</summary>
    internal IReadOnlyList<IssuanceRecord> ToIntended(DomainRecord domain) =>
        [.. Keys.Select(key => ToIssuance(key, domain, ReadOnlyMemory<byte>.Empty))];

    /// <summary>What was issued.</summary>
    internal IReadOnlyList<IssuanceRecord> ToIssued(DomainRecord domain, IReadOnlyList<byte[]> tokenHashes) =>
        [.. Keys.Select((key, i) => ToIssuance(key, domain, tokenHashes[i]))];

    internal AuditEntry ToIntent(DomainRecord domain) =>
        ToEntry(AuditKind.Intent, domain, intent: null, tokenHashes: null, KmsError.None);

    /// <summary>The outcome; without hashes it is a failure.</summary>
    internal AuditEntry ToOutcome(
        DomainRecord domain, AuditRecord intent, IReadOnlyList<byte[]>? tokenHashes, KmsError result = KmsError.None) =>
        ToEntry(AuditKind.Outcome, domain, intent, tokenHashes, result);

    private IssuanceRecord ToIssuance(PreparedKey key, DomainRecord domain, ReadOnlyMemory<byte> tokenHash) => new(
        domain.KmsUri,
        domain.Generation,
        domain.SecretsGeneration,
        PeriodNumber,
        key.Identity.Uri,
        Request.Requester.Issuer,
        Request.Requester.Subject,
        key.UserId.Octets.ToArray(),
        tokenHash);

    private AuditEntry ToEntry(
        AuditKind kind, DomainRecord domain, AuditRecord? intent, IReadOnlyList<byte[]>? tokenHashes, KmsError result) => new()
    {
        Kind = kind,
        KmsUri = domain.KmsUri,
        Generation = domain.Generation,
        CorrelationId = Request.CorrelationId,
        Issuer = Request.Requester.Issuer,
        Subject = Request.Requester.Subject,
        KeyPeriodNumber = PeriodNumber,
        IntentSequence = intent?.Sequence,
        Result = (int)result,
        KeySets = [.. Keys.Select((key, i) => new AuditKeySet(
            key.Identity.Uri, key.Identity.Service, key.UserId.Octets.ToArray(), tokenHashes?[i]))],
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

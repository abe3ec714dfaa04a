using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>One identity in one key period, checked against the policy.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="UserId">Its UID.</param>
/// <param name="Grant">The grant under which an identity of another domain is keyed; null for one of the domain's own.</param>
internal sealed record PreparedKey(RequesterIdentity Identity, UserId UserId, long? Grant);

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

    /// <summary>What is to be issued, before any key exists.</summary>
    internal IReadOnlyList<IssuanceRecord> ToIntended() =>
        [.. Keys.Select(key => ToIssuance(key, ReadOnlyMemory<byte>.Empty))];

    /// <summary>What was issued.</summary>
    internal IReadOnlyList<IssuanceRecord> ToIssued(IReadOnlyList<byte[]> tokenHashes) =>
        [.. Keys.Select((key, i) => ToIssuance(key, tokenHashes[i]))];

    internal AuditEntry ToIntent() =>
        ToEntry(AuditKind.Intent, intent: null, tokenHashes: null, KmsError.None);

    /// <summary>The outcome; without hashes it is a failure.</summary>
    internal AuditEntry ToOutcome(
        AuditRecord intent, IReadOnlyList<byte[]>? tokenHashes, KmsError result = KmsError.None) =>
        ToEntry(AuditKind.Outcome, intent, tokenHashes, result);

    private IssuanceRecord ToIssuance(PreparedKey key, ReadOnlyMemory<byte> tokenHash) => new(
        Generation.Record.KmsUri,
        Generation.Number,
        Generation.Record.SecretsGeneration,
        PeriodNumber,
        key.Identity.Uri,
        Request.Requester.Issuer,
        Request.Requester.Subject,
        key.UserId.Octets.ToArray(),
        tokenHash)
    {
        Grant = key.Grant,
    };

    private AuditEntry ToEntry(
        AuditKind kind, AuditRecord? intent, IReadOnlyList<byte[]>? tokenHashes, KmsError result) => new()
    {
        Kind = kind,
        KmsUri = Generation.Record.KmsUri,
        Generation = Generation.Number,
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
    internal IssuedKeySets(DomainGeneration generation, IReadOnlyList<KmsKeySet> keySets)
    {
        Generation = generation;
        KeySets = keySets;
    }

    /// <summary>The generation that issued them.</summary>
    public DomainGeneration Generation { get; }

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

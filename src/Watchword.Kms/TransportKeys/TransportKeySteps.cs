using System.Globalization;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>The steps of a client's life, as decided within the transaction that writes them.</summary>
internal static class TransportKeySteps
{
    private const string Here = "local";

    /// <summary>True if a request changes something: rarely.</summary>
    public static bool NeedsStep(
        TransportKeyClient client, TransportKeyPair seen, TransportKeyPolicy policy, DateTimeOffset now) =>
        seen.State == TransportKeyPairState.Pending
        || client.LastSeenAt is not { } last || now - last >= TransportKeyDirectory.SeenResolution
        || IsDue(client, policy, now);

    /// <summary>A request under a pair was taken.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TransportKeyUnknown"/> if the pair was withdrawn meanwhile.</exception>
    public static TransportKeyStep? Seen(
        SecretSealer sealer, TransportKeyClient client, TransportKeyPair seen, IReadOnlyList<TransportKeyClient> ofUser,
        TransportKeyApplicant applicant, DateTimeOffset now)
    {
        if (client.State != EnrolmentState.Enrolled
            || client.Pairs.FirstOrDefault(pair => pair.Number == seen.Number) is not { } known
            || known.TransportKeyId != seen.TransportKeyId)
        {
            throw new KmsException(KmsError.TransportKeyUnknown);
        }

        List<AuditEntry> entries = [];
        TransportKeyClient after = client with { LastSeenAt = Later(client.LastSeenAt, now), IsExportable = false };
        if (known.State == TransportKeyPairState.Pending)
        {
            string fate = applicant.Policy.KeepReplaced > TimeSpan.Zero ? "replaced" : "discarded";
            string detail = $"in use: {Name(known)}; {fate}: {Name(client.Current!)}";
            after = Promote(after, known, applicant.Policy, now);
            entries.Add(Entry(applicant.Issuer, applicant.Subject, role: null, after, applicant.CorrelationId, detail));
        }

        if (IsDue(after, applicant.Policy, now))
        {
            after = WithPending(sealer, after, ofUser, now);
            entries.Add(Entry(
                Here, nameof(TransportKeyPolicy.RotateAfter), "policy", after, applicant.CorrelationId,
                $"new keys for the age of the old: {Name(after.Pending!)}"));
        }

        return new TransportKeyStep(after, entries);
    }

    /// <summary>The same client with new keys on their way.</summary>
    public static TransportKeyClient WithPending(
        SecretSealer sealer, TransportKeyClient client, IReadOnlyList<TransportKeyClient> ofUser, DateTimeOffset now)
    {
        int number = NextNumber(ofUser, client.UserUri);
        return client with
        {
            LastNumber = number,
            Pairs = [.. client.Pairs, TransportKeyVault.Generate(sealer, client, number, TransportKeyPairState.Pending, now)],
        };
    }

    /// <summary>A number after every one that a client of the identity ever had, whose ids no imported key has taken.</summary>
    public static int NextNumber(IReadOnlyList<TransportKeyClient> ofUser, string userUri)
    {
        int number = ofUser.Select(client => client.LastNumber).DefaultIfEmpty(0).Max() + 1;
        while (IsTaken(TransportKeyVault.IdsOf(userUri, number)))
        {
            number++;
        }

        return number;

        bool IsTaken((string TransportKeyId, string IntegrityKeyId) ids) => ofUser.Any(client => client.Pairs.Any(
            pair => pair.Has(ids.TransportKeyId) || pair.Has(ids.IntegrityKeyId)));
    }

    /// <summary>The audit record of an act.</summary>
    public static AuditEntry Entry(Authority by, TransportKeyClient client, string correlationId, string detail) =>
        Entry(by.Issuer, by.Subject, by.Role, client, correlationId, detail);

    private static AuditEntry Entry(
        string issuer, string subject, string? role, TransportKeyClient client, string correlationId, string detail) => new()
    {
        Kind = AuditKind.TransportKey,
        KmsUri = client.KmsUri,
        Generation = 0,
        CorrelationId = correlationId,
        Issuer = issuer,
        Subject = subject,
        Role = role,
        UserUri = client.UserUri,
        Detail = $"client {client.ClientId}: {detail}",
    };

    /// <summary>A pair in the audit log.</summary>
    public static string Name(TransportKeyPair pair) => string.Create(
        CultureInfo.InvariantCulture, $"{pair.TransportKeyId} and {pair.IntegrityKeyId ?? "no integrity key"}");

    private static TransportKeyClient Promote(
        TransportKeyClient client, TransportKeyPair pending, TransportKeyPolicy policy, DateTimeOffset now) => client with
    {
        Pairs =
        [
            .. client.Pairs
                .Where(pair => pair.State == TransportKeyPairState.Current && policy.KeepReplaced > TimeSpan.Zero)
                .Select(pair => pair with { State = TransportKeyPairState.Replaced, ReplacedAt = now }),
            pending with { State = TransportKeyPairState.Current },
        ],
    };

    private static bool IsDue(TransportKeyClient client, TransportKeyPolicy policy, DateTimeOffset now) =>
        policy.RotateAfter is { } age && client is { Pending: null, Current: { } current } && now - current.CreatedAt >= age;

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}

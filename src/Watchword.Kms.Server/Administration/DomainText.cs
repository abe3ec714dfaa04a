using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Domains and generations as the admin API shows them.</summary>
internal static class DomainText
{
    private const int MaxReasonLength = 500;

    public static DomainView View(IEnumerable<DomainRecord> generations, KmsState state)
    {
        DomainRecord[] all = [.. generations];
        return new DomainView
        {
            KmsUri = all[0].KmsUri,
            IsServed = Find(all[0], state) is not null,
            Generations = [.. all.Select(record => View(record, state, reach: null))],
        };
    }

    public static GenerationView View(DomainRecord record, KmsState state, GenerationReach? reach) => new()
    {
        Generation = record.Generation,
        SecretsGeneration = record.SecretsGeneration,
        State = AdminJson.NameOf(record.State),
        CertUri = record.CertUri,
        PeriodSeconds = record.Schedule.PeriodSeconds,
        OffsetSeconds = record.Schedule.OffsetSeconds,
        ValidFrom = record.ValidFrom,
        ValidTo = record.ValidTo,
        CreatedAt = record.CreatedAt,
        StateChangedAt = record.StateChangedAt,
        Fingerprint = record.ToCertificate().ComputeFingerprint().ToString(),
        Fault = FaultOf(record, state),
        Reach = reach is null ? null : View(reach),
    };

    public static GenerationReachView View(GenerationReach reach) => new()
    {
        KeyedIdentities = reach.KeyedIdentities,
        Requesters = reach.Share.Requesters,
        RequestersHolding = reach.Share.Holding,
    };

    /// <summary>A reason that stands in the audit log.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.MalformedHttp"/>.</exception>
    public static string Reason(string? reason) => reason is { Length: > 0 and <= MaxReasonLength } && !reason.Any(char.IsControl)
        ? reason
        : throw new KmsException(KmsError.MalformedHttp, $"reason has 1 to {MaxReasonLength} characters and no control character");

    private static int? FaultOf(DomainRecord record, KmsState state) =>
        (int?)Find(record, state)?.Issuer.Domain.Generations.All
            .FirstOrDefault(generation => generation.Number == record.Generation)?.Fault?.Error;

    private static ServedDomain? Find(DomainRecord record, KmsState state) =>
        state.Domains.FirstOrDefault(domain => domain.KmsUri == record.KmsUri);
}

using System.Globalization;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>
/// Recomputes the UIDs of both sides (TS 33.180 F.2.1), and finds to which key period a UID in the message belongs.
/// </summary>
internal sealed class IdentityDiagnosis(MessageFacts facts, KnownDomains domains)
{
    /// <summary>The UIDs of the URIs in the message for the key period of T and its neighbours.</summary>
    public IReadOnlyList<PeriodUid> Uids() => facts.Time is { } time
        ?
        [
            .. Of("initiator", facts.InitiatorUri, facts.InitiatorKms, time),
            .. Of("receiver", facts.ReceiverUri, facts.ReceiverKms, time),
        ]
        : [];

    /// <summary>The findings on both domains and on hidden identities.</summary>
    /// <param name="ownUris">Whose UIDs a hidden receiver may be.</param>
    public IEnumerable<Finding> Run(IReadOnlyList<string> ownUris)
    {
        foreach (Finding finding in Domain("initiator domain", facts.InitiatorKms))
        {
            yield return finding;
        }

        foreach (Finding finding in Domain("receiver domain", facts.ReceiverKms))
        {
            yield return finding;
        }

        if (facts.ReceiverUid is { } hidden && facts.Time is { } time)
        {
            yield return Hidden(hidden, ownUris, time);
        }
    }

    private IEnumerable<Finding> Domain(string check, string? kmsUri)
    {
        if (kmsUri is null)
        {
            yield return new Finding(
                check,
                FindingResult.Failed,
                "the message does not name this KMS",
                "have the sender add IDRkmsi and IDRkmsr",
                "TS 33.180 E.1.2");
            yield break;
        }

        if (domains.Missing(check, kmsUri) is { } missing)
        {
            yield return missing;
            yield break;
        }

        if (facts.Time is not { } time)
        {
            yield break;
        }

        IReadOnlyList<KmsCertificate> known = domains.Of(kmsUri);
        KmsCertificate? usable = known.FirstOrDefault(c => c.IsUsableAt(time));
        yield return usable is null
            ? new Finding(
                check,
                FindingResult.Failed,
                $"every KMS certificate of {kmsUri} at hand is revoked or not valid at T",
                "fetch the KMS certificates again: watchword kms init, watchword kms certcache",
                "TS 33.180 5.2.7")
            : new Finding(
                check,
                FindingResult.Passed,
                string.Create(CultureInfo.InvariantCulture, $"{kmsUri}: T lies in key period {usable.PeriodAt(time).Number}"),
                Clause: "TS 33.180 F.2.1");
    }

    private Finding Hidden(ReadOnlyMemory<byte> hidden, IReadOnlyList<string> ownUris, DateTimeOffset time)
    {
        foreach (PeriodUid uid in ownUris.SelectMany(uri => Of("receiver", uri, facts.ReceiverKms, time)))
        {
            if (uid.Uid.Octets.SequenceEqual(hidden.Span))
            {
                return uid.Distance == 0
                    ? new Finding(
                        "receiver", FindingResult.Passed, $"the hidden receiver is {uid.UserUri}", Clause: "TS 33.180 5.2.6")
                    : new Finding(
                        "receiver",
                        FindingResult.Failed,
                        $"the hidden receiver is {uid.UserUri} with the UID of "
                            + $"{PeriodUids.Explain(uid.Period, uid.Distance, time)}",
                        "have the sender take the key period that holds T",
                        "TS 33.180 5.2.6");
            }
        }

        return new Finding(
            "receiver",
            FindingResult.Unknown,
            "the hidden receiver is nobody whose URI is known here",
            "the UID of a URI is shown by: watchword uid --user URI --kms URI --at TIME",
            "TS 33.180 5.2.6");
    }

    private IEnumerable<PeriodUid> Of(string role, string? uri, string? kmsUri, DateTimeOffset time) => uri is null
        ? []
        : domains.Of(kmsUri).DistinctBy(c => c.Schedule).SelectMany(certificate => PeriodUids.Of(role, uri, certificate, time));
}

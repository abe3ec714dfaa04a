using System.Globalization;
using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.Mikey;

namespace Watchword.Cli.Diagnosis;

/// <summary>
/// Decapsulates with the reader's key sets, and where the one of T's key period does not open the message finds out what
/// the sender did
/// instead.
/// </summary>
internal sealed class KeyDiagnosis(MessageFacts facts, IReadOnlyList<OwnKey> keys)
{
    private const string Clause = "RFC 6508 §6.2.2";
    private const int PointSize = 257;
    private const int MaximumKeys = 64;

    /// <summary>The findings on SAKKE and, if the reader is the initiator, on SAKKE-to-self.</summary>
    /// <param name="opened">What is done with a key once it is there; it is wiped afterwards.</param>
    public IEnumerable<Finding> Run(Func<ReadOnlyMemory<byte>, IEnumerable<Finding>> opened)
    {
        if (facts.Encapsulated is not { } encapsulated || facts.Time is not { } time)
        {
            return [new Finding(
                "key",
                FindingResult.Failed,
                "there is no encapsulated key, or no time T that selects the key period",
                Clause: "TS 33.180 E.1.2")];
        }

        if (keys.Count == 0)
        {
            return
            [
                new Finding(
                    "key",
                    FindingResult.Unknown,
                    "not decapsulated: there is no key set at hand",
                    "use those of a profile: --use-profile [--profile NAME]",
                    Clause),
            ];
        }

        byte[] secret = GC.AllocateArray<byte>(MikeyKey.SecretSizeInBytes, pinned: true);
        try
        {
            List<Finding> findings = [];
            bool toUs = Open(encapsulated, facts.ReceiverUri, facts.ReceiverKms, time, secret, "key", out Finding finding);
            findings.Add(finding);
            if (toUs)
            {
                findings.AddRange(opened(secret));
            }

            if (facts.EncapsulatedToSelf is { } self
                && facts.InitiatorUri is { } initiator
                && keys.Any(k => k.UserUri == initiator))
            {
                findings.AddRange(ToSelf(self, initiator, time, secret, toUs, opened));
            }

            return findings;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private IEnumerable<Finding> ToSelf(
        ReadOnlyMemory<byte> self,
        string initiator,
        DateTimeOffset time,
        byte[] secret,
        bool toUs,
        Func<ReadOnlyMemory<byte>, IEnumerable<Finding>> opened)
    {
        byte[] other = GC.AllocateArray<byte>(MikeyKey.SecretSizeInBytes, pinned: true);
        try
        {
            bool open = Open(self, initiator, facts.InitiatorKms, time, other, "key to self", out Finding finding);
            if (open && toUs && !CryptographicOperations.FixedTimeEquals(secret, other))
            {
                finding = new Finding(
                    "key to self",
                    FindingResult.Failed,
                    "SAKKE-to-self carries another key than SAKKE",
                    "have the sender encapsulate one key twice",
                    "TS 33.180 5.2.5");
            }

            return open && !toUs ? [finding, .. opened(other)] : [finding];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(other);
        }
    }

    private bool Open(
        ReadOnlyMemory<byte> encapsulated,
        string? uri,
        string? kmsUri,
        DateTimeOffset time,
        byte[] secret,
        string check,
        out Finding finding)
    {
        List<OwnKey> mine = [.. keys.Where(k => uri is null || k.UserUri == uri)];
        if (mine.Count == 0)
        {
            string owners = string.Join(", ", keys.Select(k => k.UserUri).Distinct());
            finding = new Finding(
                check,
                FindingResult.Failed,
                $"the message is for {uri}; the key sets at hand are those of {owners}",
                "open it with the profile of its receiver",
                "TS 33.180 5.2.2");
            return false;
        }

        if (mine.TrueForAll(k => k.KmsUri != kmsUri))
        {
            finding = new Finding(
                check,
                FindingResult.Failed,
                $"the message names the KMS {kmsUri} for {uri ?? "its receiver"}, another domain than that of the key sets at "
                    + $"hand: {mine[0].KmsUri}",
                "have the sender encrypt under the KMS certificate of the receiver's domain; a KMS redirect response tells it so",
                "TS 33.180 5.2.7, 5.2.8");
            return false;
        }

        finding = Try(encapsulated, mine, time, secret, check, out bool opened);
        return opened;
    }

    private Finding Try(
        ReadOnlyMemory<byte> encapsulated, List<OwnKey> mine, DateTimeOffset time, byte[] secret, string check, out bool opened)
    {
        // Of the receiver first, those of T's period before the others; then the other identities of the reader.
        List<OwnKey> ordered =
        [
            .. mine.OrderBy(k => Distance(k, time) == 0 ? 0 : 1).ThenBy(k => Math.Abs(Distance(k, time) ?? int.MaxValue)),
            .. keys.Except(mine),
        ];
        ReadOnlyMemory<byte>? padded = Padded(encapsulated);
        opened = false;
        OwnKey? unpadded = null;
        foreach (OwnKey key in ordered.Take(MaximumKeys))
        {
            using SakkeReceiverKey? receiver = key.Open();
            if (receiver is null)
            {
                continue;
            }

            if (receiver.TryDecapsulate((padded ?? encapsulated).Span, secret))
            {
                opened = true;
                return Found(key, mine, time, check, padded is not null);
            }

            unpadded ??= receiver.IsOfUnpaddedSenderVarTime(encapsulated.Span) ? key : null;
        }

        return unpadded is not null
            ? new Finding(
                check,
                FindingResult.Failed,
                $"the key is encapsulated to {unpadded.UserUri}, but the sender dropped the leading zero of g^r before hashing "
                    + "it: about one message in 256 of such a sender fails",
                "have the sender hash g^r as 128 octets, leading zeros kept; sending again gives another r and most likely works",
                "RFC 6508 §6.2.1")
            : NothingFits(encapsulated, mine, time, check);
    }

    private static Finding Found(OwnKey key, List<OwnKey> mine, DateTimeOffset time, string check, bool padded)
    {
        long distance = Distance(key, time) ?? 0;
        List<string> deviations = [];
        if (padded)
        {
            deviations.Add("the sender dropped the leading zero of H, the masked key: 272 octets in place of 273");
        }

        if (!mine.Contains(key))
        {
            deviations.Add($"it is encapsulated to {key.UserUri}, while the message names {mine[0].UserUri}");
        }
        else if (distance != 0)
        {
            deviations.Add("it is encapsulated to the UID of " + PeriodUids.Explain(key.Period, distance, time));
        }

        return deviations.Count == 0
            ? new Finding(
                check,
                FindingResult.Passed,
                string.Create(CultureInfo.InvariantCulture, $"the key set of {key.UserUri}, key period {key.Period}, opens it"),
                Clause: Clause)
            : new Finding(
                check,
                FindingResult.Failed,
                "the key is there, but " + string.Join("; and ", deviations),
                padded
                    ? "have the sender write H as 16 octets"
                    : "have the sender take the UID of the receiver for the key period that holds T (watchword uid)",
                padded ? "RFC 6508 §6.2.1" : "TS 33.180 5.2.2, F.2.1");
    }

    private static Finding NothingFits(ReadOnlyMemory<byte> encapsulated, List<OwnKey> mine, DateTimeOffset time, string check)
    {
        if (encapsulated.Length < PointSize || !SakkePublicKey.TryImport(encapsulated.Span[..PointSize], out _))
        {
            return new Finding(
                check,
                FindingResult.Failed,
                "R is no point of the group: octets were changed, or a coordinate was written without its leading zeros",
                "have the sender write R as 04 and two coordinates of 128 octets",
                "RFC 6508 §4, §6.2.1");
        }

        string periods = string.Join(", ", mine.Select(k => k.Period.ToString(CultureInfo.InvariantCulture)).Distinct());
        return mine.TrueForAll(k => Distance(k, time) != 0)
            ? new Finding(
                check,
                FindingResult.Failed,
                $"there is no key set of {mine[0].UserUri} for the key period of T, {Printable.Time(time)}; there are those of "
                    + $"{periods}",
                "fetch it: watchword keys get",
                "TS 33.180 5.3.3")
            : new Finding(
                check,
                FindingResult.Failed,
                $"no key set of {mine[0].UserUri} opens it (key periods {periods}): it was encapsulated to another UID or under "
                    + "another KMS certificate, or changed on the way",
                "compare the UID that the sender used with those above, and his KMS certificate with yours",
                Clause);
    }

    private static ReadOnlyMemory<byte>? Padded(ReadOnlyMemory<byte> encapsulated) =>
        encapsulated.Length == SakkePublicKey.EncapsulatedSizeInBytes - 1
            ? new ReadOnlyMemory<byte>([.. encapsulated.Span[..PointSize], 0, .. encapsulated.Span[PointSize..]])
            : default(ReadOnlyMemory<byte>?);

    private static long? Distance(OwnKey key, DateTimeOffset time) =>
        key.PeriodAt(time) is { } period ? key.Period - period : null;
}

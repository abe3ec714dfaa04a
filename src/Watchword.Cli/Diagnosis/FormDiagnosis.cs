using System.Globalization;
using Watchword.Cli.Messages;
using Watchword.Mikey;

namespace Watchword.Cli.Diagnosis;

/// <summary>Whether the octets are an I_MESSAGE by the codec's rules, and whether T is plausible.</summary>
internal static class FormDiagnosis
{
    private const ulong SecondsFrom1900To1970 = 2_208_988_800;

    private static readonly TimeSpan Plausible = TimeSpan.FromDays(10 * 366);

    /// <summary>The finding on the form; the message is null if the codec refuses it.</summary>
    public static Finding Form(DecodedMessage decoded, out MikeyMessage? message)
    {
        MikeyFormatException? fault = Refusal(decoded.Octets.Span, MikeyTolerances.None, out message);
        if (fault is null)
        {
            return new Finding(
                "form", FindingResult.Passed, "the octets are an I_MESSAGE by every rule of form", Clause: "TS 33.180 E.1.2");
        }

        if (Refusal(decoded.Octets.Span, MikeyTolerances.SignatureLengthAsPrinted, out message) is null)
        {
            return new Finding(
                "form",
                FindingResult.Failed,
                "the signature length is 32, as TS 33.180 E.1.2 prints it, and 129 octets follow, as an ECCSI signature has",
                "have the sender write 129; a receiver may name the tolerance SignatureLengthAsPrinted meanwhile",
                "RFC 3830 §6.5, RFC 6507 §3.3");
        }

        return new Finding("form", FindingResult.Failed, Words(fault), Next(fault.Reason), Clause(fault.Reason));
    }

    /// <summary>The findings on T.</summary>
    public static Finding Time(MessageFacts facts, DateTimeOffset now)
    {
        const string Clause = "TS 33.180 E.1.2, RFC 3830 §6.6";
        if (facts.Time is not { } time)
        {
            return new Finding(
                "time", FindingResult.Failed, "there is no T of type NTP-UTC", "have the sender write TS type 0", Clause);
        }

        DateTimeOffset asUnix = DateTimeOffset.FromUnixTimeSeconds((long)(facts.Ntp!.Value >> 32));
        if ((time - now).Duration() > Plausible && (asUnix - now).Duration() < Plausible)
        {
            return new Finding(
                "time",
                FindingResult.Failed,
                $"T reads as {Printable.Time(time)}; as seconds since 1970 it would be {Printable.Time(asUnix)}: the sender did "
                    + "not count from 1900",
                string.Create(CultureInfo.InvariantCulture, $"have the sender add {SecondsFrom1900To1970} seconds"),
                Clause);
        }

        TimeSpan age = now - time;
        string far = age.Duration() <= MikeyReplayCache.DefaultFreshnessWindow
            ? "within the freshness window of this clock"
            : age > TimeSpan.Zero
                ? $"{Span(age)} ago: a receiver would refuse it as stale by now"
                : $"{Span(-age)} ahead of this clock: a receiver would refuse it";
        return new Finding("time", FindingResult.Note, $"T is {Printable.Time(time)}, {far}", Clause: "RFC 3830 §5.4");
    }

    private static MikeyFormatException? Refusal(ReadOnlySpan<byte> octets, MikeyTolerances tolerances, out MikeyMessage? message)
    {
        try
        {
            message = MikeyMessage.Parse(octets, tolerances);
            return null;
        }
        catch (MikeyFormatException fault)
        {
            message = null;
            return fault;
        }
    }

    private static string Words(MikeyFormatException fault)
    {
        string reason = fault.Reason switch
        {
            MikeyFormatReason.Truncated => "the octets end inside a field",
            MikeyFormatReason.TrailingOctets => "octets follow the end of the message or of a payload within",
            MikeyFormatReason.TooLong => "the message is longer than any",
            MikeyFormatReason.UnsupportedVersion => "the version is not 1",
            MikeyFormatReason.UnsupportedDataType => "the data type is not 26, the SAKKE I_MESSAGE",
            MikeyFormatReason.ResponseRequested => "a response is asked for, and MIKEY-SAKKE has none",
            MikeyFormatReason.UnsupportedPrf => "the PRF is not PRF-HMAC-SHA-256",
            MikeyFormatReason.UndefinedValue => "a field has a value that means nothing in an I_MESSAGE",
            MikeyFormatReason.WrongLength => "a length is not the one that the field must have",
            MikeyFormatReason.InvalidText => "an identity is empty, not UTF-8 or not printable",
            MikeyFormatReason.UnknownPayload => "there is a payload that an I_MESSAGE does not have; it cannot be passed over, "
                + "since payloads share no length field",
            MikeyFormatReason.WrongOrder => "a payload stands where it may not: T first, RAND second, SIGN last",
            MikeyFormatReason.Duplicate => "something stands twice that may stand once",
            MikeyFormatReason.MissingPayload => "a mandatory payload is missing: T, RAND, both identities, both KMS identities, "
                + "SAKKE or SIGN",
            _ => "there are more payloads or elements than are read",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{reason}; at octet {fault.Offset} ({fault.Reason})");
    }

    private static string Next(MikeyFormatReason reason) => reason switch
    {
        MikeyFormatReason.Truncated => "see whether the whole message was copied, and whether base64 lost its end",
        MikeyFormatReason.TrailingOctets => "see whether something was appended to the message",
        _ => "look at the field at that octet and at its clause; the sender has to change it",
    };

    private static string Clause(MikeyFormatReason reason) => reason switch
    {
        MikeyFormatReason.UnsupportedDataType or MikeyFormatReason.ResponseRequested => "RFC 6509 §4.1",
        MikeyFormatReason.UnknownPayload or MikeyFormatReason.WrongOrder => "RFC 3830 §6.1, RFC 6509 §2.1",
        MikeyFormatReason.MissingPayload or MikeyFormatReason.UnsupportedPrf => "TS 33.180 E.1.2",
        _ => "RFC 3830 §6",
    };

    private static string Span(TimeSpan span) => span.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:F0} days")
        : span.TotalHours >= 2
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:F0} hours")
            : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:F0} minutes");
}

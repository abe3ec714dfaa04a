using System.Globalization;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>General extensions and what TS 33.180 puts into them: SAKKE-to-self and key parameters.</summary>
internal static class ExtensionDissector
{
    private const int PointSize = 257;
    private const int MaskedKeySize = 16;
    private const int SizeBeforeElement = 32;
    private const int ElementHeadSize = 3;
    private const int TagSize = 16;

    /// <summary>The fields of a SAKKE payload; gives the next payload.</summary>
    public static ulong Sakke(FieldReader reader)
    {
        ulong next = reader.Number("sakke.next_payload", 1, PayloadNames.Payload);
        _ = reader.Number(
            "sakke.params", 1, value => value == 1 ? "parameter set 1 (RFC 6509 Appendix A)" : "not parameter set 1");
        _ = reader.Number("sakke.scheme", 1, value => value switch
        {
            1 => "tel URI with monthly keys (RFC 6509); some clients write it and mean the hashed UID",
            2 => "3GPP MCX hashed UID (TS 33.180 F.2.1)",
            _ => "undefined",
        });
        int length = (int)reader.Number("sakke.length", 2, value => value == PointSize + MaskedKeySize
            ? "octets"
            : "octets; parameter set 1 has 273: a number was written without its leading zeros, or this is another parameter "
                + "set");
        reader.Octets("sakke.r", Math.Min(length, PointSize), "point of 257 octets");
        reader.Octets("sakke.h", Math.Max(0, length - PointSize), "the key, masked", optional: true);
        return next;
    }

    /// <summary>The fields of a general extension; gives the next payload.</summary>
    public static ulong Extension(FieldReader reader)
    {
        ulong next = reader.Number("ge.next_payload", 1, PayloadNames.Payload);
        ulong type = reader.Number("ge.type", 1, value => value switch
        {
            MikeyGeneralExtension.SakkeToSelf => "SAKKE-to-self (TS 33.180 E.5)",
            MikeyGeneralExtension.KeyParameters => "key parameters, encrypted under the key of this message (TS 33.180 E.6)",
            _ => "unknown; covered by the signature and otherwise ignored",
        });
        int length = (int)reader.Number("ge.length", 2, _ => "octets");
        int end = reader.Offset + length;
        if (length > reader.Remaining)
        {
            reader.Octets("ge.data", length);
            return next;
        }

        switch (type)
        {
            // 5 octets stand before the data, whose length must be what is left.
            case MikeyGeneralExtension.SakkeToSelf when length > 5 && ((reader.Peek(3) << 8) | reader.Peek(4)) == length - 5:
                _ = Sakke(reader);
                break;
            case MikeyGeneralExtension.KeyParameters when SignallingSize(reader, length) is { } signalling:
                Protected(reader, signalling, end);
                break;
            case MikeyGeneralExtension.KeyParameters:
                reader.Octets(
                    "ge.data",
                    length,
                    "not an MCData protected payload: perhaps key parameters in clear, as an old peer sends them");
                break;
            default:
                reader.Octets("ge.data", length, optional: true);
                break;
        }

        return next;
    }

    private static void Protected(FieldReader reader, int signalling, int end)
    {
        _ = reader.Identifier("pp.message_type", 1, value =>
            (value & 0x3F) == 3 ? "data payload, encrypted" : "not a data payload");
        _ = reader.Number("pp.time", 5, value => value <= 253_402_300_799
            ? "seconds since 1970: " + Printable.Time(DateTimeOffset.FromUnixTimeSeconds((long)value))
            : "seconds since 1970");
        _ = reader.Number("pp.payload_id", 4, value => value == 0 ? null : "not 0, as key parameters have it (TS 33.180 E.6.1)");
        _ = reader.Number("pp.sequence", 1, value => value == 0 ? null : "not 0, as key parameters have it (TS 33.180 E.6.1)");
        _ = reader.Number("pp.algorithm", 1, value => value == 1 ? "AEAD_AES_128_GCM" : "not AEAD_AES_128_GCM, which is 1");
        if (signalling > 0)
        {
            _ = reader.Number("pp.signalling", 1);
        }

        reader.Octets("pp.iv", McDataProtectedPayload.IvSizeInBytes);
        _ = reader.Identifier("pp.dppk_id", 4, PayloadNames.Identifier);
        _ = reader.Identifier("pp.element", 1);
        int length = (int)reader.Number("pp.length", 2, _ => "octets");
        reader.Octets("pp.cipher_text", length - TagSize, Size(length - TagSize), optional: true);
        reader.Octets("pp.tag", end - reader.Offset);
    }

    private static string Size(int length) => string.Create(CultureInfo.InvariantCulture, $"{length} octets of key parameters");

    /// <summary>
    /// The size of the signalling algorithm, 0 or 1, by which the element within ends with the extension; null where
    /// neither fits.
    /// </summary>
    private static int? SignallingSize(FieldReader reader, int length)
    {
        for (int signalling = 0; signalling <= 1; signalling++)
        {
            int element = SizeBeforeElement + signalling;
            if (length >= element + ElementHeadSize + TagSize
                && (reader.Peek() & 0x40) != 0
                && ((reader.Peek(element + 1) << 8) | reader.Peek(element + 2)) == length - element - ElementHeadSize)
            {
                return signalling;
            }
        }

        return null;
    }
}

using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>Security policies and crypto sessions.</summary>
internal static class PolicyDissector
{
    /// <summary>The fields of an SP payload; gives the next payload.</summary>
    public static ulong Policy(FieldReader reader)
    {
        ulong next = reader.Number("sp.next_payload", 1, PayloadNames.Payload);
        _ = reader.Number("sp.policy", 1);
        _ = reader.Number("sp.protocol", 1, value => value == 0 ? "SRTP" : "not SRTP, which is 0");
        int end = (int)reader.Number("sp.length", 2, _ => "octets of parameters") + reader.Offset;
        while (reader.Fault is null && reader.Offset < end)
        {
            ulong type = reader.Number("sp.param_type", 1, PayloadNames.Parameter);
            ulong length = reader.Number("sp.param_length", 1, _ => "octets");
            reader.Octets(
                "sp.param_value",
                (int)length,
                length == 1 && reader.Remaining > 0 ? PayloadNames.ParameterValue(type, reader.Peek()) : null);
        }

        if (reader.Offset > end)
        {
            reader.Fail(MikeyFormatReason.WrongLength, end);
        }

        return next;
    }

    /// <summary>The fields of a CS ID map.</summary>
    public static void Map(FieldReader reader, ulong type, ulong count)
    {
        switch ((MikeyCsIdMapType)type)
        {
            case MikeyCsIdMapType.Empty:
                break;
            case MikeyCsIdMapType.GenericId:
                for (ulong i = 0; i < count && reader.Fault is null; i++)
                {
                    Session(reader);
                }

                break;
            case MikeyCsIdMapType.SrtpId:
                for (ulong i = 0; i < count && reader.Fault is null; i++)
                {
                    _ = reader.Number("cs.policy", 1, _ => "number of an SP payload");
                    _ = reader.Identifier("cs.ssrc", 4);
                    _ = reader.Number("cs.roc", 4);
                }

                break;
            default:
                reader.Rest(MikeyFormatReason.UndefinedValue);
                break;
        }
    }

    private static void Session(FieldReader reader)
    {
        _ = reader.Number("cs.id", 1, PayloadNames.Session);
        _ = reader.Number("cs.protocol", 1, value => value == 0 ? "SRTP" : "not SRTP, which is 0");
        _ = reader.Bits("cs.s_flag", 7, 1, last: false);
        int policies = reader.Bits("cs.policy_count", 0, 0x7F, last: true);
        reader.Octets("cs.policies", policies, "numbers of SP payloads", optional: true);
        ulong length = reader.Number("cs.data_length", 2, _ => "octets");
        reader.Octets("cs.data", (int)length, optional: true);
        ulong spi = reader.Number("cs.spi_length", 1, _ => "octets");
        reader.Octets("cs.spi", (int)spi, "key identifiers (MKI of the media)", optional: true);
    }
}

namespace Watchword.KeyManagement.Xml;

/// <summary>What a KmsRequest (TS 33.180 D.2.2) and a KmsResponse (D.3.1) have in common, read and written in one way.</summary>
internal sealed class MessageHead
{
    public string? UserUri { get; private set; }

    public string? KmsUri { get; private set; }

    public DateTimeOffset Time { get; private set; }

    public bool TimeHadZone { get; private set; } = true;

    public string? ClientReqUrl { get; private set; }

    public string? TransportKeyId { get; private set; }

    public string? SignatureId { get; private set; }

    /// <summary>Takes the element if it is one of the head; otherwise the caller reads it.</summary>
    public bool TryRead(AnnexDReader reader, string name)
    {
        switch (name)
        {
            case "UserUri": UserUri = reader.ReadUri(); return true;
            case "KmsUri": KmsUri = reader.ReadUri(); return true;
            case "Time": Time = reader.ReadTime(out bool hadZone); TimeHadZone = hadZone; return true;
            case "ClientReqUrl": ClientReqUrl = reader.ReadUri(); return true;
            case "TrK-ID": TransportKeyId = reader.ReadString(); return true;
            case "Signature-ID": SignatureId = reader.ReadString(); return true;
            default: return false;
        }
    }

    /// <summary>Refuses a message that lacks a mandatory element of the head.</summary>
    public static void Require(in ElementCursor children) => children.Require("UserUri", "KmsUri", "Time", "ClientReqUrl");
}

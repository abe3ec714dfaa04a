using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// When a client should fetch the key set of its next period: the KMS spreads its clients over the opening window (extension element
/// <c>w:PickUp</c> of a KmsKeyProv).
/// </summary>
/// <param name="NotBefore">Earlier, the KMS may have no key set of the next period.</param>
/// <param name="NotAfter">The end of the span that the client should pick a moment from.</param>
/// <param name="UserUri">The identity that it is for; null for every identity of the answer.</param>
public sealed record KeyPickUp(DateTimeOffset NotBefore, DateTimeOffset NotAfter, string? UserUri = null)
{
    private static readonly ElementSet Children = ElementSet.Of(AnnexDNames.Extension, "UserUri", "NotBefore", "NotAfter");

    internal static KeyPickUp Read(AnnexDReader reader)
    {
        string? userUri = null;
        DateTimeOffset notBefore = default, notAfter = default;
        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "UserUri": userUri = reader.ReadUri(); break;
                case "NotBefore": notBefore = reader.ReadTime(); break;
                case "NotAfter": notAfter = reader.ReadTime(); break;
            }
        }

        child.Require("NotBefore", "NotAfter");
        return notBefore <= notAfter
            ? new KeyPickUp(notBefore, notAfter, userUri)
            : throw reader.Fail("NotAfter", KeyManagementFormatFault.InvalidValue);
    }

    internal void Write(AnnexDWriter writer)
    {
        writer.StartForeign("w", "PickUp");
        if (UserUri is not null)
        {
            writer.ForeignText("w", "UserUri", UserUri);
        }

        writer.ForeignText("w", "NotBefore", XmlTime.ToString(NotBefore, withZone: true));
        writer.ForeignText("w", "NotAfter", XmlTime.ToString(NotAfter, withZone: true));
        writer.End();
    }
}

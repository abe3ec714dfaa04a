using System.Buffers.Binary;

namespace Watchword.McServices.Protection;

/// <summary>The identifier of an XPK as text: base64 of its 4 octets (TS 33.180 9.3, TS 36.579-1 5.5.13).</summary>
internal static class XpkId
{
    private const int SizeInBytes = 4;

    public static string ToText(uint id)
    {
        Span<byte> octets = stackalloc byte[SizeInBytes];
        BinaryPrimitives.WriteUInt32BigEndian(octets, id);
        return Convert.ToBase64String(octets);
    }

    /// <summary>False unless the text is exactly what <see cref="ToText"/> writes.</summary>
    public static bool TryParse(string text, out uint id)
    {
        id = 0;
        if (!Base64.TryDecode(text, SizeInBytes, out byte[] octets) || octets.Length != SizeInBytes)
        {
            return false;
        }

        id = BinaryPrimitives.ReadUInt32BigEndian(octets);
        return true;
    }
}

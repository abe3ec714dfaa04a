namespace Watchword.McServices.Protection;

/// <summary>Base64 in its one canonical spelling: no white space, no stray bits behind the last octet.</summary>
internal static class Base64
{
    public static bool TryDecode(string text, int maximumSize, out byte[] octets)
    {
        octets = [];
        if (text.Length > (maximumSize + 2) / 3 * 4)
        {
            return false;
        }

        byte[] buffer = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, buffer, out int length)
            || !string.Equals(Convert.ToBase64String(buffer, 0, length), text, StringComparison.Ordinal))
        {
            return false;
        }

        octets = buffer[..length];
        return true;
    }
}

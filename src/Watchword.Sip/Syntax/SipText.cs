namespace Watchword.Sip;

/// <summary>Reads one element or a comma-separated list of them.</summary>
internal static class SipText
{
    internal delegate bool Reader<T>(ref SipScanner scanner, out T value);

    public static bool TryOne<T>(ReadOnlySpan<char> text, Reader<T> reader, out T value, out int offset)
    {
        SipScanner scanner = new(text);
        scanner.SkipSpace();
        bool read = reader(ref scanner, out value) && scanner.Ends();
        offset = scanner.Position;
        return read;
    }

    public static T One<T>(string text, Reader<T> reader)
    {
        if (!TryOne(text, reader, out T value, out int offset))
        {
            SipFormatException.Throw(SipFormatFault.HeaderValue, offset);
        }

        return value;
    }

    /// <summary>At least one element, with commas between (RFC 3261 §7.3.1).</summary>
    public static bool TryList<T>(ReadOnlySpan<char> text, Reader<T> reader, List<T> values, out int offset)
    {
        SipScanner scanner = new(text);
        scanner.SkipSpace();
        bool read;
        do
        {
            read = reader(ref scanner, out T value);
            if (read)
            {
                values.Add(value);
            }
        }
        while (read && scanner.TrySeparator(','));
        offset = scanner.Position;
        return read && scanner.Ends();
    }

    public static bool Token(ref SipScanner scanner, out string token)
    {
        bool read = scanner.TryToken(out ReadOnlySpan<char> span);
        token = read ? span.ToString() : "";
        return read;
    }

    public static bool Number(ref SipScanner scanner, out uint number) => scanner.TryNumber(out number);
}

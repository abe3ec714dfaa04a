namespace Watchword.Cryptography;

/// <summary>Checks on a caller's spans.</summary>
internal static class Lengths
{
    /// <exception cref="ArgumentException">The destination is not of exactly the length that is written.</exception>
    public static void RequireDestination(int length, long expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"Exactly {expected} octets are written; the span has {length}.", name);
        }
    }

    /// <exception cref="ArgumentException">A member is null.</exception>
    public static void RequireMembers<T>(ReadOnlySpan<T> members, string name)
        where T : class
    {
        foreach (T? member in members)
        {
            if (member is null)
            {
                throw new ArgumentException("A member is null.", name);
            }
        }
    }
}

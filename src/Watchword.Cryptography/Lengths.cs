namespace Watchword.Cryptography;

/// <summary>Checks on the lengths of a caller's spans.</summary>
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
}

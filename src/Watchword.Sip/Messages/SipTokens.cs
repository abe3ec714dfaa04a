using System.Security.Cryptography;

namespace Watchword.Sip;

/// <summary>Fresh identifiers, each with 128 random bits (RFC 3261 §8.1.1.4, §8.1.1.7, §19.3).</summary>
public static class SipTokens
{
    private const int Octets = 16;

    /// <summary>A tag for From or To.</summary>
    public static string Tag() => Random();

    /// <summary>A Call-ID; it says nothing of the host.</summary>
    public static string CallId() => Random();

    /// <summary>A branch for Via, with the magic cookie.</summary>
    public static string Branch() => SipVia.MagicCookie + Random();

    /// <summary>An entity tag for SIP-ETag (RFC 3903 §6).</summary>
    public static string EntityTag() => Random();

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Octets));
}

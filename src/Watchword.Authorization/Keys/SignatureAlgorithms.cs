namespace Watchword.Authorization.Keys;

/// <summary>
/// The signature algorithms that exist here (RFC 7518 §3.1). There is no code for <c>none</c> or a MAC: no configuration
/// can allow them.
/// </summary>
internal static class SignatureAlgorithms
{
    public const string EcdsaP256 = "ES256";
    public const string RsaPkcs1 = "RS256";

    public static IReadOnlyList<string> All { get; } = [EcdsaP256, RsaPkcs1];
}

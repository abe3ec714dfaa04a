using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Watchword.Identity;

namespace Watchword.Authorization.Tokens;

/// <summary>What a token is for, by its <c>typ</c>.</summary>
internal enum TokenKind
{
    AccessToken,
    SecurityEvent,
}

/// <summary>
/// A JWS in compact serialisation, taken apart but not yet believed (RFC 7515 §7.1). Header parameters that carry or point to
/// keys (<c>jwk</c>, <c>jku</c>, <c>x5u</c>, <c>x5c</c>) are never read.
/// </summary>
internal sealed class CompactToken : IDisposable
{
    private readonly JsonDocument _claims;

    private CompactToken(byte[] signedOctets, byte[] signature, string algorithm, string keyId, JsonDocument claims) =>
        (SignedOctets, Signature, Algorithm, KeyId, _claims) = (signedOctets, signature, algorithm, keyId, claims);

    /// <summary>What the signature covers: the first two segments with the dot between them (RFC 7515 §5.1).</summary>
    public byte[] SignedOctets { get; }

    /// <summary>The signature; empty in an unsigned token.</summary>
    public byte[] Signature { get; }

    public string Algorithm { get; }

    public string KeyId { get; }

    public JsonElement Claims => _claims.RootElement;

    /// <summary>Takes a token apart, checking all that can be checked without knowing the issuer.</summary>
    /// <param name="encoded">The compact serialisation.</param>
    /// <param name="kind">What it must be by its <c>typ</c>.</param>
    /// <param name="token">The token if the result is <see cref="AuthorizationFault.None"/>; the caller disposes it.</param>
    public static AuthorizationFault TryParse(string encoded, TokenKind kind, out CompactToken? token)
    {
        token = null;
        if (encoded.Length > AccessTokenDefaults.MaxTokenLength)
        {
            return AuthorizationFault.TokenTooLong;
        }

        string[] segments = encoded.Split('.', 4);
        if (segments.Length != 3)
        {
            return AuthorizationFault.NotThreeSegments;
        }

        if (!TryDecode(segments[0], out byte[] header)
            || !TryDecode(segments[1], out byte[] claims)
            || !TryDecode(segments[2], out byte[] signature))
        {
            return AuthorizationFault.SegmentNotBase64Url;
        }

        AuthorizationFault fault = ReadHeader(header, kind, out string algorithm, out string keyId);
        if (fault != AuthorizationFault.None)
        {
            return fault;
        }

        if (!StrictJson.TryParseObject(claims, out JsonDocument? document, out bool repeated))
        {
            return repeated ? AuthorizationFault.MemberRepeated : AuthorizationFault.ClaimsMalformed;
        }

        byte[] signedOctets = Encoding.ASCII.GetBytes(encoded, 0, encoded.LastIndexOf('.'));
        token = new CompactToken(signedOctets, signature, algorithm, keyId, document);
        return AuthorizationFault.None;
    }

    public void Dispose() => _claims.Dispose();

    private static AuthorizationFault ReadHeader(byte[] utf8, TokenKind kind, out string algorithm, out string keyId)
    {
        (algorithm, keyId) = (string.Empty, string.Empty);
        if (!StrictJson.TryParseObject(utf8, out JsonDocument? document, out bool repeated))
        {
            return repeated ? AuthorizationFault.MemberRepeated : AuthorizationFault.HeaderMalformed;
        }

        using (document)
        {
            JsonElement header = document.RootElement;
            if (header.TryGetProperty("crit", out _))
            {
                return AuthorizationFault.CriticalHeader;
            }

            AuthorizationFault typeFault = CheckType(header, kind);
            if (typeFault != AuthorizationFault.None)
            {
                return typeFault;
            }

            if (!StrictJson.TryGetString(header, "alg", out string? alg))
            {
                return AuthorizationFault.AlgorithmNotAllowed;
            }

            if (!StrictJson.TryGetString(header, "kid", out string? kid) || kid.Length == 0)
            {
                return AuthorizationFault.KeyIdMissing;
            }

            (algorithm, keyId) = (alg, kid);
            return AuthorizationFault.None;
        }
    }

    /// <summary>
    /// An access token may leave its type out; a security event never (RFC 8417 §2.3): the one must not pass for the other.
    /// </summary>
    private static AuthorizationFault CheckType(JsonElement header, TokenKind kind)
    {
        bool present = header.TryGetProperty("typ", out JsonElement type);
        return kind == TokenKind.SecurityEvent
            ? present && IsSecurityEventType(type) ? AuthorizationFault.None : AuthorizationFault.TypeNotSecurityEvent
            : present && !IsAccessTokenType(type) ? AuthorizationFault.TypeNotAccessToken : AuthorizationFault.None;
    }

    private static bool IsSecurityEventType(JsonElement type) =>
        StrictJson.TryGetString(type, out string? value)
        && value.ToLowerInvariant() is SecurityEventNames.TokenType or SecurityEventNames.ContentType;

    /// <summary>RFC 9068 §4; media types ignore case and the <c>application/</c> in front may be left out (RFC 7515
    /// §4.1.9).</summary>
    private static bool IsAccessTokenType(JsonElement type) =>
        StrictJson.TryGetString(type, out string? value)
        && value.ToLowerInvariant() is "jwt" or "at+jwt" or "application/at+jwt";

    private static bool TryDecode(string segment, out byte[] octets)
    {
        octets = [];
        if (!Base64Url.IsValid(segment))
        {
            return false;
        }

        octets = Base64Url.DecodeFromChars(segment);
        // The decoder of the platform tolerates padding, white space and stray bits at the end; RFC 7515 does not.
        return string.Equals(Base64Url.EncodeToString(octets), segment, StringComparison.Ordinal);
    }
}

using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Watchword.Authorization.Http;

/// <summary>
/// The bearer credential of a request: from the Authorization header and from nowhere else (RFC 6750 §2.1). Query, form and
/// <c>X-3GPP-Asserted-Identity</c> are not looked at: any TLS client can write that header (TS 24.482 A.2.2 has the proxy
/// refuse it, but a server must not depend on that).
/// </summary>
internal static class BearerCredential
{
    private const string Scheme = "Bearer";

    private static readonly SearchValues<char> Token68 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>Reads the credential.</summary>
    /// <returns><see cref="AuthorizationFault.None"/> with a token, or why there is none.</returns>
    public static AuthorizationFault TryRead(IHeaderDictionary headers, out string token)
    {
        token = string.Empty;
        StringValues values = headers.Authorization;
        if (values.Count > 1)
        {
            return AuthorizationFault.SeveralCredentials;
        }

        string value = values.ToString().Trim(' ');
        int space = value.IndexOf(' ', StringComparison.Ordinal);
        string scheme = space < 0 ? value : value[..space];
        if (!string.Equals(scheme, Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return AuthorizationFault.TokenMissing;
        }

        string credential = space < 0 ? string.Empty : value[space..].TrimStart(' ');
        if (credential.Length > AccessTokenDefaults.MaxTokenLength)
        {
            return AuthorizationFault.TokenTooLong;
        }

        if (credential.Length == 0 || credential.AsSpan().ContainsAnyExcept(Token68))
        {
            return AuthorizationFault.CredentialMalformed;
        }

        token = credential;
        return AuthorizationFault.None;
    }
}

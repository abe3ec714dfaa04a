using System.Security.Cryptography;
using System.Text;

namespace Watchword.Client;

/// <summary>
/// The checks on an authorization response before its code is used (RFC 6749 §4.1.2, RFC 9207 §2.4, TS 33.180 B.4.2.3). The OpenID
/// Connect library looks at the state too, but not at the issuer, and it redeems what it is given.
/// </summary>
internal static class AuthorizationResponse
{
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.AuthorizationResponseMalformed"/>, <see cref="ClientFault.StateMismatch"/>,
    /// <see cref="ClientFault.IssuerMismatch"/>, <see cref="ClientFault.AuthorizationRefused"/>.
    /// </exception>
    public static void Check(string response, string redirectUri, string state, IdmMetadata metadata)
    {
        Dictionary<string, string> parameters = Parse(response, redirectUri);
        if (!parameters.TryGetValue("state", out string? answered) || !SameText(answered, state))
        {
            throw new WatchwordClientException(ClientFault.StateMismatch);
        }

        bool hasIssuer = parameters.TryGetValue("iss", out string? issuer);
        if ((hasIssuer && !string.Equals(issuer, metadata.Issuer, StringComparison.Ordinal)) || (!hasIssuer && metadata.SendsIssuerInResponse))
        {
            throw new WatchwordClientException(ClientFault.IssuerMismatch, hasIssuer ? "in the authorization response" : "the authorization response has no iss");
        }

        if (parameters.TryGetValue("error", out string? error))
        {
            throw new WatchwordClientException(ClientFault.AuthorizationRefused, PrintableToken(error));
        }

        if (!parameters.TryGetValue("code", out string? code) || code.Length == 0)
        {
            throw new WatchwordClientException(ClientFault.AuthorizationResponseMalformed, "no code");
        }
    }

    /// <summary>An error code of OAuth as far as it may be printed: the characters of RFC 6749 §5.2, at most 64.</summary>
    public static string PrintableToken(string? error) =>
        error is { Length: > 0 and <= 64 } && error.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? error
            : "unprintable error";

    private static Dictionary<string, string> Parse(string response, string redirectUri)
    {
        string prefix = redirectUri + "?";
        if (!response.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new WatchwordClientException(ClientFault.AuthorizationResponseMalformed, "not at the redirect URI");
        }

        Dictionary<string, string> parameters = new(StringComparer.Ordinal);
        foreach (string pair in response[prefix.Length..].Split('#')[0].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = Decode(equals < 0 ? pair : pair[..equals]);
            if (!parameters.TryAdd(name, equals < 0 ? string.Empty : Decode(pair[(equals + 1)..])))
            {
                throw new WatchwordClientException(ClientFault.AuthorizationResponseMalformed, "a parameter comes twice");
            }
        }

        return parameters;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static bool SameText(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
}

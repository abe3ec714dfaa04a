using System.Text.Json;

namespace Watchword.Client;

/// <summary>What the client needs of an IdM server's metadata (OpenID Connect Discovery §3, RFC 8414 §2), checked.</summary>
public sealed class IdmMetadata
{
    private IdmMetadata(string issuer, Uri authorization, Uri token, Uri jwks, Uri? revocation, bool issInResponse)
    {
        Issuer = issuer;
        AuthorizationEndpoint = authorization;
        TokenEndpoint = token;
        JwksUri = jwks;
        RevocationEndpoint = revocation;
        SendsIssuerInResponse = issInResponse;
    }

    /// <summary>The issuer; equal to the pinned one.</summary>
    public string Issuer { get; }

    /// <summary>Where users log in.</summary>
    public Uri AuthorizationEndpoint { get; }

    /// <summary>Where codes and refresh tokens are redeemed.</summary>
    public Uri TokenEndpoint { get; }

    /// <summary>Where the signing keys are.</summary>
    public Uri JwksUri { get; }

    /// <summary>Where tokens are revoked (RFC 7009); null if the server has no such endpoint.</summary>
    public Uri? RevocationEndpoint { get; }

    /// <summary>True if authorization responses always carry <c>iss</c> (RFC 9207 §3).</summary>
    public bool SendsIssuerInResponse { get; }

    /// <summary>Where the metadata of <paramref name="issuer"/> is (OpenID Connect Discovery §4.1).</summary>
    internal static Uri AddressOf(string issuer)
    {
        Uri url = HttpsUrl.Require(issuer, "issuer");
        return url.Query.Length == 0
            ? new Uri(issuer.TrimEnd('/') + "/.well-known/openid-configuration")
            : throw new WatchwordClientException(ClientFault.UrlNotHttps, "an issuer has no query");
    }

    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.MetadataUnusable"/>, <see cref="ClientFault.IssuerMismatch"/>, <see cref="ClientFault.UrlNotHttps"/>.
    /// </exception>
    internal static IdmMetadata Parse(ReadOnlyMemory<byte> json, string pinnedIssuer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, StrictJson.Options);
            return Read(document.RootElement, pinnedIssuer);
        }
        catch (JsonException e)
        {
            throw new WatchwordClientException(ClientFault.MetadataUnusable, "not JSON", inner: e);
        }
    }

    private static IdmMetadata Read(JsonElement root, string pinnedIssuer)
    {
        string issuer = StrictJson.String(root, "issuer") ?? throw Missing("issuer");
        if (!string.Equals(issuer, pinnedIssuer, StringComparison.Ordinal))
        {
            throw new WatchwordClientException(ClientFault.IssuerMismatch, $"pinned is {pinnedIssuer}");
        }

        if (root.TryGetProperty("code_challenge_methods_supported", out JsonElement methods)
            && (methods.ValueKind != JsonValueKind.Array || !methods.EnumerateArray().Any(m => m.ValueKind == JsonValueKind.String && m.ValueEquals("S256"))))
        {
            throw new WatchwordClientException(ClientFault.MetadataUnusable, "no S256 code challenge (RFC 7636)");
        }

        return new IdmMetadata(
            issuer,
            Endpoint(root, "authorization_endpoint"),
            Endpoint(root, "token_endpoint"),
            Endpoint(root, "jwks_uri"),
            StrictJson.String(root, "revocation_endpoint") is null ? null : Endpoint(root, "revocation_endpoint"),
            root.TryGetProperty("authorization_response_iss_parameter_supported", out JsonElement iss) && iss.ValueKind == JsonValueKind.True);
    }

    private static Uri Endpoint(JsonElement root, string name) =>
        HttpsUrl.Require(StrictJson.String(root, name) ?? throw Missing(name), name);

    private static WatchwordClientException Missing(string name) => new(ClientFault.MetadataUnusable, $"no {name}");
}

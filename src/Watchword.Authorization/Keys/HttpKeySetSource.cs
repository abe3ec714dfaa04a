using System.Text.Json;
using Microsoft.Extensions.Logging;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization.Keys;

/// <summary>A JWK set over https, directly or by way of the discovery document (OpenID Connect Discovery §4).</summary>
internal sealed class HttpKeySetSource(HttpClient client, TrustedIssuerOptions issuer, ILogger logger) : IKeySetSource
{
    public async Task<VerificationKeySet?> TryFetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            string? address = string.IsNullOrEmpty(issuer.JwksUri) ? await DiscoverAsync(cancellationToken) : issuer.JwksUri;
            if (address is null)
            {
                return null;
            }

            byte[] octets = await client.GetByteArrayAsync(new Uri(address), cancellationToken);
            if (VerificationKeySet.TryParse(octets, out VerificationKeySet? keys))
            {
                return keys;
            }

            logger.KeyDocumentMalformed(issuer.Issuer, address);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            logger.KeysNotFetched(issuer.Issuer, e);
        }

        return null;
    }

    public void Dispose() => client.Dispose();

    /// <summary>The document must name the pinned issuer exactly, or its keys are another's (Discovery §4.3).</summary>
    private async Task<string?> DiscoverAsync(CancellationToken cancellationToken)
    {
        byte[] octets = await client.GetByteArrayAsync(new Uri(issuer.MetadataAddress!), cancellationToken);
        if (StrictJson.TryParseObject(octets, out JsonDocument? document, out _))
        {
            using (document)
            {
                JsonElement root = document.RootElement;
                if (StrictJson.TryGetString(root, "issuer", out string? name)
                    && string.Equals(name, issuer.Issuer, StringComparison.Ordinal)
                    && StrictJson.TryGetString(root, "jwks_uri", out string? address)
                    && Backchannel.IsHttps(address))
                {
                    return address;
                }
            }
        }

        logger.KeyDocumentMalformed(issuer.Issuer, issuer.MetadataAddress!);
        return null;
    }
}

using Microsoft.Extensions.Logging;

namespace Watchword.Authorization.Keys;

/// <summary>A JWK set in a file that the operator replaces when keys roll over.</summary>
internal sealed class FileKeySetSource(string path, string issuer, ILogger logger) : IKeySetSource
{
    public async Task<VerificationKeySet?> TryFetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            byte[] octets = await File.ReadAllBytesAsync(path, cancellationToken);
            if (VerificationKeySet.TryParse(octets, out VerificationKeySet? keys))
            {
                return keys;
            }

            logger.KeyDocumentMalformed(issuer, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.KeysNotFetched(issuer, e);
        }

        return null;
    }

    public void Dispose()
    {
    }
}

namespace Watchword.Kms;

/// <summary>Which signed requests were seen, for all nodes.</summary>
public interface IReplayStore
{
    /// <summary>Remembers a signed request. What has expired is forgotten as new ones come.</summary>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="keyId">The key that signed it.</param>
    /// <param name="signature">The MAC value.</param>
    /// <param name="expires">From when the request would be refused for its time anyway.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <returns>False if it was seen before and has not expired.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>: then the request must be refused.</exception>
    Task<bool> TryAddAsync(
        string kmsUri, string keyId, ReadOnlyMemory<byte> signature, DateTimeOffset expires,
        CancellationToken cancellationToken = default);
}

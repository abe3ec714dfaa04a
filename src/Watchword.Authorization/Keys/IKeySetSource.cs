namespace Watchword.Authorization.Keys;

/// <summary>Where the key set of an issuer comes from: a file or an https address.</summary>
internal interface IKeySetSource : IDisposable
{
    /// <summary>Fetches the set; null if it cannot be had or is no JWK set. Faults are logged by the source.</summary>
    Task<VerificationKeySet?> TryFetchAsync(CancellationToken cancellationToken);
}

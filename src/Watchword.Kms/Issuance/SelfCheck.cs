using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Checks every key before it leaves: what the batch has found of it (<see cref="FreshKey.IsSound"/>); for the first key set of a
/// generation after a start and a random share, everything that the client will check, pairing included.
/// </summary>
internal sealed class SelfCheck(KmsCertificate certificate, double fullCheckRate)
{
    private const int Granularity = 1 << 20;

    private readonly int _threshold = (int)(Math.Clamp(fullCheckRate, 0, 1) * Granularity);
    private volatile bool _firstPassed;

    /// <param name="isSound">The ECCSI relation holds (RFC 6507 §5.1.2) and the receiver key is on its curve.</param>
    /// <param name="keySet">The key set.</param>
    public bool Passes(bool isSound, KmsKeySet keySet)
    {
        if (!isSound)
        {
            return false;
        }

        if (_firstPassed && RandomNumberGenerator.GetInt32(Granularity) >= _threshold)
        {
            return true;
        }

        if (!keySet.TryValidate(certificate, out ValidatedKeySet? validated, out _))
        {
            return false;
        }

        validated.Dispose();
        _firstPassed = true;
        return true;
    }
}

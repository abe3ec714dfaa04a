using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Checks every key before it leaves: the ECCSI relation of the signing key (RFC 6507 §5.1.2) and that the receiver key is on its
/// curve; for the first key set after a start and a random share, everything that the client will check, pairing included.
/// </summary>
internal sealed class SelfCheck(KmsCertificate certificate, double fullCheckRate)
{
    private const int Granularity = 1 << 20;

    private readonly int _threshold = (int)(Math.Clamp(fullCheckRate, 0, 1) * Granularity);
    private volatile bool _firstPassed;

    public bool Passes(EccsiSigningKey signing, SakkeReceiverKey receiver, KmsKeySet keySet)
    {
        if (!signing.Validate() || !receiver.IsOnCurve())
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

using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography;

/// <content>Says why Encapsulated Data of a faulty sender cannot be decapsulated.</content>
public sealed partial class SakkeReceiverKey
{
    /// <summary>
    /// Whether Encapsulated Data is meant for this key and cannot be decapsulated because its sender left out the leading
    /// zeros of g^r
    /// when hashing it, where RFC 6508 §6.2.1 has 128 octets: one message in 256 or so of such a sender. The key it carries
    /// is not given out.
    /// The time depends on the secret w: for finding faults, not for receiving.
    /// </summary>
    /// <param name="encapsulated">R || H, 273 octets; false for any other length.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool IsOfUnpaddedSenderVarTime(ReadOnlySpan<byte> encapsulated)
    {
        if (encapsulated.Length != SakkePublicKey.EncapsulatedSizeInBytes
            || !SakkePoint.TryDecode(encapsulated[..SakkePoint.SizeInBytes], out SakkePoint received))
        {
            return false;
        }

        SakkeAffinePoint key = DecodeSecret();
        TargetGroupElement value = TatePairing.Pair(key, new SakkeAffinePoint { X = received.X, Y = received.Y });
        Span<byte> w = stackalloc byte[TargetGroupElement.SizeInBytes];
        Span<byte> candidate = stackalloc byte[SakkePublicKey.SharedSecretSizeInBytes];
        value.Encode(w);
        value.Clear();
        key.Clear();
        int zeros = Math.Max(0, w.IndexOfAnyExcept((byte)0));
        SakkeHash.ToMask(w[zeros..], candidate);
        for (int i = 0; i < candidate.Length; i++)
        {
            candidate[i] ^= encapsulated[SakkePoint.SizeInBytes + i];
        }

        SakkeHash.ToScalar(candidate, identity, out SakkeScalar r);
        SakkePoint test = Authority.MultiplyReceiverPoint(identity, r);
        bool same = SakkePoint.AreEqual(test, received).Reveal();
        CryptographicOperations.ZeroMemory(w);
        CryptographicOperations.ZeroMemory(candidate);
        r.Clear();
        test.Clear();
        return same && zeros > 0;
    }
}

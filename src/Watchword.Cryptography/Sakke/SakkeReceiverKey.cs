using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography;

/// <summary>
/// A Receiver Secret Key (RSK, K_(a,T)) of SAKKE, RFC 6508 §6.1, bound to one identity and one KMS: a point of order q, 257
/// octets 04, x, y. Any number of threads may decapsulate; disposal overwrites the secret.
/// </summary>
public sealed partial class SakkeReceiverKey : IDisposable
{
    /// <summary>Octets of an RSK.</summary>
    public const int SizeInBytes = SakkePoint.SizeInBytes;

    private readonly byte[] identity;
    private readonly SecretOctets secret;
    private readonly ReceiverTables tables = new();

    internal SakkeReceiverKey(SakkePublicKey authority, ReadOnlySpan<byte> identity, SecretOctets secret)
    {
        Authority = authority;
        this.identity = identity.ToArray();
        this.secret = secret;
    }

    /// <summary>The KMS public key to which the RSK belongs.</summary>
    public SakkePublicKey Authority { get; }

    /// <summary>The identity's octets.</summary>
    public ReadOnlySpan<byte> Identity => identity;

    /// <summary>Takes an RSK as the KMS gave it, and validates it as RFC 6508 §6.1.2 asks: &lt;[a]P + Z_T, RSK&gt; = g.</summary>
    /// <exception cref="CryptographicException">The octets are no point of order q, or not this identity's RSK under this
    /// KMS.</exception>
    public static SakkeReceiverKey Import(SakkePublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> rsk) =>
        TryImport(authority, identity, rsk, out SakkeReceiverKey? key)
            ? key
            : throw new CryptographicException(
                "This is not the RSK of the identity under this KMS public key (RFC 6508 §6.1.2).");

    /// <summary>As <see cref="Import"/>; false for a key that is not valid.</summary>
    public static bool TryImport(
        SakkePublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> rsk,
        [NotNullWhen(true)] out SakkeReceiverKey? key)
    {
        ArgumentNullException.ThrowIfNull(authority);
        key = null;
        if (rsk.Length != SizeInBytes)
        {
            return false;
        }

        SakkeReceiverKey candidate = new(authority, identity, new SecretOctets(rsk));
        if (!candidate.Validate())
        {
            candidate.Dispose();
            return false;
        }

        key = candidate;
        return true;
    }

    /// <summary>Writes the RSK, 257 octets 04, x, y.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Export(Span<byte> destination)
    {
        Lengths.RequireDestination(destination.Length, SizeInBytes, nameof(destination));
        secret.CopyTo(destination);
    }

    /// <summary>True if the RSK is a point of its curve: the cheap part of <see cref="Validate"/>.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool IsOnCurve() => IsOnCurve(secret.Span);

    /// <summary>True if the octets are a point of the curve of RSKs: what can be told of an RSK without a pairing.</summary>
    /// <param name="rsk">257 octets 04, x, y; others are none.</param>
    public static bool IsOnCurve(ReadOnlySpan<byte> rsk)
    {
        bool valid = SakkePoint.TryDecode(rsk, out SakkePoint point);
        point.Clear();
        return valid;
    }

    /// <summary>
    /// The RFC's validation again (RFC 6508 §6.1.2): RSK on the curve and of order q, &lt;[a]P + Z_T, RSK&gt; = g. Costs a
    /// pairing.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool Validate()
    {
        if (!SakkePoint.TryDecode(secret.Span, out SakkePoint point))
        {
            return false;
        }

        // The loop follows q - 1, not the point: the secret is safe in it, and the point's order is seen at its end.
        SakkePoint receiver = Authority.ReceiverPoint(identity);
        bool valid = false;
        if (!receiver.IsIdentity().Reveal())
        {
            SakkeAffinePoint affine = new() { X = point.X, Y = point.Y };
            Choice ordered = MillerWalk.Run(affine, SakkeAffinePoint.From(receiver), out MillerLoopResult miller);
            valid = (TargetGroupElement.AreEqual(miller.FinalPower(), SakkeTargetGroup.Generator) & ordered).Reveal();
            miller.Clear();
            affine.Clear();
        }

        point.Clear();
        return valid;
    }

    /// <summary>
    /// Makes the table of this RSK now, some 5 ms, so that every decapsulation from here on is fast; otherwise it is made at the
    /// use that <see cref="Precomputation.UsesBeforeTable"/> says. Nothing happens where it exists or finds no room.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Precompute()
    {
        SakkeAffinePoint key = DecodeSecret();
        tables.Make(key);
        key.Clear();
    }

    /// <summary>
    /// Recovers the Shared Secret Value of 16 octets from the Encapsulated Data R || H of 273 octets (RFC 6508 §6.2.2). False,
    /// with the destination zeroed, for every failure alike.
    /// </summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryDecapsulate(ReadOnlySpan<byte> encapsulated, Span<byte> sharedSecret)
    {
        Lengths.RequireDestination(sharedSecret.Length, SakkePublicKey.SharedSecretSizeInBytes, nameof(sharedSecret));
        if (encapsulated.Length != SakkePublicKey.EncapsulatedSizeInBytes
            || !SakkePoint.TryDecode(encapsulated[..SakkePoint.SizeInBytes], out SakkePoint received))
        {
            sharedSecret.Clear();
            return false;
        }

        Span<byte> candidate = stackalloc byte[SakkePublicKey.SharedSecretSizeInBytes];
        Unmask(received, encapsulated[SakkePoint.SizeInBytes..], candidate);
        SakkeHash.ToScalar(candidate, identity, out SakkeScalar r);

        // TEST is in the subgroup of order q, so equality also says that R is: no order check on R is needed before.
        SakkePoint test = Authority.MultiplyReceiverPoint(identity, r);
        Choice valid = SakkePoint.AreEqual(test, received);
        byte mask = (byte)valid.Mask;
        for (int i = 0; i < candidate.Length; i++)
        {
            sharedSecret[i] = (byte)(candidate[i] & mask);
        }

        CryptographicOperations.ZeroMemory(candidate);
        r.Clear();
        test.Clear();
        return valid.Reveal();
    }

    /// <summary>Overwrites the secret and what was made of it with zeros.</summary>
    public void Dispose()
    {
        secret.Dispose();
        tables.Dispose();
    }

    /// <summary>The point, which was validated when the key was imported or made.</summary>
    private SakkeAffinePoint DecodeSecret()
    {
        _ = SakkePoint.TryDecode(secret.Span, out SakkePoint point);
        SakkeAffinePoint affine = new() { X = point.X, Y = point.Y };
        point.Clear();
        return affine;
    }

    /// <summary>H xor HashToIntegerRange(w, 2^128) with w = &lt;R, RSK&gt;, which is not yet to be believed.</summary>
    private void Unmask(in SakkePoint received, ReadOnlySpan<byte> h, Span<byte> destination)
    {
        // The RSK is the point that runs through the loop: its order is known to be q.
        SakkeAffinePoint key = DecodeSecret();
        if (tables.CountUse())
        {
            tables.Make(key);
        }

        SakkeAffinePoint evaluated = new() { X = received.X, Y = received.Y };
        TargetGroupElement value = tables.Lines is { } lines
            ? TatePairing.Pair(lines, evaluated)
            : TatePairing.Pair(key, evaluated);
        Span<byte> w = stackalloc byte[TargetGroupElement.SizeInBytes];
        value.Encode(w);
        SakkeHash.ToMask(w, destination);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] ^= h[i];
        }

        CryptographicOperations.ZeroMemory(w);
        value.Clear();
        key.Clear();
    }
}

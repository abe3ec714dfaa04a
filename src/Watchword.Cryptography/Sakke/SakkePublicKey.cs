using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography;

/// <summary>
/// The KMS Public Key Z_T of SAKKE, RFC 6508 §2.2, parameter set 1 of RFC 6509: a point of order q, 257 octets 04, x, y. It
/// encrypts to every identity of its KMS. Immutable, for any number of threads.
/// </summary>
public sealed partial class SakkePublicKey : IEquatable<SakkePublicKey>
{
    /// <summary>Octets of Z_T.</summary>
    public const int SizeInBytes = SakkePoint.SizeInBytes;

    /// <summary>Octets of the Shared Secret Value (n = 128).</summary>
    public const int SharedSecretSizeInBytes = 16;

    /// <summary>Octets of the Encapsulated Data R || H.</summary>
    public const int EncapsulatedSizeInBytes = SakkePoint.SizeInBytes + SharedSecretSizeInBytes;

    private readonly byte[] octets;
    private readonly CacheKey key;

    private SakkePublicKey(byte[] octets, SakkePoint point)
    {
        this.octets = octets;
        Point = point;
        key = RecipientTables.KeyOf(octets);
    }

    internal SakkePoint Point { get; }

    private SakkeComb Comb => RecipientTables.Get(key, Point);

    /// <summary>Takes Z_T of 257 octets 04, x, y.</summary>
    /// <exception cref="CryptographicException">The octets are no point of order q.</exception>
    public static SakkePublicKey Import(ReadOnlySpan<byte> publicKey) => TryImport(publicKey, out SakkePublicKey? key)
        ? key
        : throw new CryptographicException("A SAKKE public key is a point of order q as 257 octets 04, x, y (RFC 6508 §2.2).");

    /// <summary>As <see cref="Import"/>; false for octets that are no point of order q.</summary>
    public static bool TryImport(ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out SakkePublicKey? key)
    {
        key = SakkePoint.TryDecode(publicKey, out SakkePoint point) && point.HasOrderQVarTime()
            ? new SakkePublicKey(publicKey.ToArray(), point)
            : null;
        return key is not null;
    }

    /// <summary>Writes the 257 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void Export(Span<byte> destination)
    {
        Lengths.RequireDestination(destination.Length, SizeInBytes, nameof(destination));
        octets.CopyTo(destination);
    }

    /// <summary>A copy of the 257 octets.</summary>
    public byte[] Export() => octets.AsSpan().ToArray();

    /// <summary>Draws a random Shared Secret Value and encapsulates it to the identity (RFC 6508 §6.2.1).</summary>
    /// <param name="identity">The receiver's identifier; its octets are also the integer b.</param>
    /// <param name="sharedSecret">Receives the 16 octets drawn.</param>
    /// <param name="encapsulated">Receives the 273 octets R || H.</param>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    public void Encapsulate(ReadOnlySpan<byte> identity, Span<byte> sharedSecret, Span<byte> encapsulated)
    {
        Lengths.RequireDestination(sharedSecret.Length, SharedSecretSizeInBytes, nameof(sharedSecret));
        Lengths.RequireDestination(encapsulated.Length, EncapsulatedSizeInBytes, nameof(encapsulated));
        RandomNumberGenerator.Fill(sharedSecret);
        EncapsulateSecret(identity, sharedSecret, encapsulated);
    }

    /// <summary>Encapsulates a given Shared Secret Value of 16 octets to the identity (RFC 6508 §6.2.1).</summary>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    /// <exception cref="CryptographicException">The identity is the negative of the master secret: nothing can be sent to
    /// it.</exception>
    public void EncapsulateSecret(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> sharedSecret, Span<byte> encapsulated)
    {
        Lengths.RequireDestination(encapsulated.Length, EncapsulatedSizeInBytes, nameof(encapsulated));
        RequireSharedSecret(sharedSecret.Length, nameof(sharedSecret));
        SakkeHash.ToScalar(sharedSecret, identity, out SakkeScalar r);
        SakkePoint point = MultiplyReceiverPoint(identity, r);
        TargetGroupElement power = SakkeTargetGroup.PowerOfGenerator(r);
        Span<byte> encodedPower = stackalloc byte[TargetGroupElement.SizeInBytes];
        power.Encode(encodedPower);
        WriteMasked(encodedPower, sharedSecret, encapsulated[SakkePoint.SizeInBytes..]);
        Choice finite = point.Encode(encapsulated[..SakkePoint.SizeInBytes]);
        r.Clear();
        power.Clear();
        CryptographicOperations.ZeroMemory(encodedPower);
        if (!finite.Reveal())
        {
            encapsulated.Clear();
            throw new CryptographicException("Nothing can be encapsulated to this identity under this public key.");
        }
    }

    /// <summary>Equal octets.</summary>
    public bool Equals([NotNullWhen(true)] SakkePublicKey? other) =>
        other is not null && octets.AsSpan().SequenceEqual(other.octets);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as SakkePublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(octets);
        return hash.ToHashCode();
    }

    internal static SakkePublicKey FromPoint(in SakkePoint point)
    {
        byte[] encoded = new byte[SizeInBytes];
        return point.Encode(encoded).Reveal()
            ? new SakkePublicKey(encoded, point)
            : throw new CryptographicException("The point at infinity is no SAKKE public key.");
    }

    /// <summary>[b]P + Z_T, the point that belongs to an identity. Public.</summary>
    internal SakkePoint ReceiverPoint(ReadOnlySpan<byte> identity) => Point + (identity.Length <= SakkeCurve.ShortSizeInBytes
        ? SakkeCurve.MultiplyGeneratorVarTime(identity)
        : SakkeCurve.MultiplyGenerator(SakkeScalar.FromOctets(identity)));

    /// <summary>
    /// [r]([b]P + Z_T) for a secret r: as [rb]P + [r]Z_T, both bases fixed, or from the table of a recipient who is met often.
    /// </summary>
    internal SakkePoint MultiplyReceiverPoint(ReadOnlySpan<byte> identity, in SakkeScalar r)
    {
        CacheKey recipient = RecipientTables.KeyOf(octets, identity);
        SakkeComb? table = RecipientTables.Find(recipient);
        if (table is null && RecipientTables.CountUse(recipient))
        {
            table = MakeRecipientTable(recipient, identity);
        }

        if (table is not null)
        {
            return SakkeCurve.Multiply(table, r);
        }

        SakkeScalar product = r * SakkeScalar.FromOctets(identity);
        SakkePoint point = SakkeCurve.MultiplyAdd(SakkeCurve.GeneratorComb, product, Comb, r);
        product.Clear();
        return point;
    }

    /// <summary>The table of a recipient; null where nothing can be sent to the identity, since its point is infinity.</summary>
    private SakkeComb? MakeRecipientTable(in CacheKey recipient, ReadOnlySpan<byte> identity)
    {
        SakkePoint receiver = ReceiverPoint(identity);
        return receiver.IsIdentity().Reveal() ? null : RecipientTables.Add(recipient, receiver);
    }

    /// <summary>H = SSV xor HashToIntegerRange(g^r, 2^128). The secret may lie where H is written.</summary>
    private static void WriteMasked(ReadOnlySpan<byte> encodedPower, ReadOnlySpan<byte> sharedSecret, Span<byte> destination)
    {
        Span<byte> mask = stackalloc byte[SharedSecretSizeInBytes];
        SakkeHash.ToMask(encodedPower, mask);
        for (int i = 0; i < mask.Length; i++)
        {
            destination[i] = (byte)(mask[i] ^ sharedSecret[i]);
        }

        CryptographicOperations.ZeroMemory(mask);
    }

    private static void RequireSharedSecret(int length, string name)
    {
        if (length != SharedSecretSizeInBytes)
        {
            throw new ArgumentException($"A shared secret has {SharedSecretSizeInBytes} octets.", name);
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography;

/// <content>One secret to many receivers.</content>
public sealed partial class SakkePublicKey
{
    /// <summary>
    /// Encapsulates one Shared Secret Value, such as a group master key, to many identities (RFC 6508 §6.2.1): each result is the
    /// same as
    /// <see cref="EncapsulateSecret"/> gives, in two thirds of the time. Allocates nothing on one thread.
    /// </summary>
    /// <param name="identities">The receivers.</param>
    /// <param name="sharedSecret">The 16 octets.</param>
    /// <param name="encapsulated">Receives 273 octets R || H for each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="CryptographicException">Nothing can be sent to an identity; the message has its index. Nothing is left in
    /// the destination.</exception>
    public void EncapsulateSecretToAll(
        ReadOnlyMemory<ReadOnlyMemory<byte>> identities, ReadOnlyMemory<byte> sharedSecret, Memory<byte> encapsulated,
        int maxDegreeOfParallelism = 1)
    {
        Lengths.RequireDestination(encapsulated.Length, (long)identities.Length * EncapsulatedSizeInBytes, nameof(encapsulated));
        RequireSharedSecret(sharedSecret.Length, nameof(sharedSecret));
        try
        {
            BatchWork.Run(
                new EncapsulateWork(this, identities, sharedSecret.Span, encapsulated), identities.Length, SakkeBatch.MaximalCount,
                maxDegreeOfParallelism);
        }
        catch
        {
            encapsulated.Span.Clear();
            throw;
        }
    }

    private void EncapsulatePart(
        ReadOnlySpan<ReadOnlyMemory<byte>> identities, int firstIndex, ReadOnlySpan<byte> sharedSecret, Span<byte> encapsulated)
    {
        Arrays arrays = default;
        Span<SakkeScalar> own = arrays.Own;
        Span<SakkeScalar> products = arrays.Products;
        Span<SakkeAffinePoint> points = arrays.Points;
        own = own[..identities.Length];
        products = products[..identities.Length];
        for (int i = 0; i < own.Length; i++)
        {
            SakkeHash.ToScalar(sharedSecret, identities[i].Span, out own[i]);
            products[i] = own[i] * SakkeScalar.FromOctets(identities[i].Span);
        }

        bool complete = own.Length >= SakkeBatch.MinimalCount
            && SakkeBatch.TryMultiply(SakkeCurve.GeneratorComb, products, Comb, own, points);
        for (int i = 0; i < own.Length; i++)
        {
            Span<byte> destination = encapsulated.Slice(i * EncapsulatedSizeInBytes, EncapsulatedSizeInBytes);
            if (complete)
            {
                points[i].Encode(destination[..SakkePoint.SizeInBytes]);
            }
            else
            {
                SakkePoint point = SakkeCurve.MultiplyAdd(SakkeCurve.GeneratorComb, products[i], Comb, own[i]);
                if (!point.Encode(destination[..SakkePoint.SizeInBytes]).Reveal())
                {
                    CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(own));
                    CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(products));
                    throw new CryptographicException(
                        $"Nothing can be encapsulated to the identity at index {firstIndex + i} under this public key.");
                }
            }

            products[i].Clear();
        }

        MaskAll(own, sharedSecret, encapsulated);
    }

    /// <summary>H for every receiver, with one inversion for all encodings of g^r. Overwrites the scalars.</summary>
    private static void MaskAll(Span<SakkeScalar> scalars, ReadOnlySpan<byte> sharedSecret, Span<byte> encapsulated)
    {
        PowerArray powerStorage = default;
        ElementArray inverseStorage = default;
        ElementArray scratch = default;
        Span<TargetGroupElement> powers = powerStorage;
        Span<SakkeElement> inverses = inverseStorage;
        inverses = inverses[..scalars.Length];
        for (int i = 0; i < scalars.Length; i++)
        {
            powers[i] = SakkeTargetGroup.PowerOfGenerator(scalars[i]);
            inverses[i] = powers[i].Value.Re; // Not 0: only the class of i, of even order, has it.
            scalars[i].Clear();
        }

        SakkeElement.InvertAll(inverses, scratch);
        Span<byte> encoded = stackalloc byte[TargetGroupElement.SizeInBytes];
        for (int i = 0; i < scalars.Length; i++)
        {
            SakkeElement representative = powers[i].Value.Im * inverses[i];
            representative.Encode(encoded);
            WriteMasked(encoded, sharedSecret, encapsulated.Slice(
                (i * EncapsulatedSizeInBytes) + SakkePoint.SizeInBytes, SharedSecretSizeInBytes));
            representative.Clear();
            powers[i].Clear();
            inverses[i].Clear();
        }

        CryptographicOperations.ZeroMemory(encoded);
    }

    /// <summary>Keeps the secret by value: it may lie in the memory that is written.</summary>
    private readonly struct EncapsulateWork : IBatchWork
    {
        private readonly SakkePublicKey key;
        private readonly ReadOnlyMemory<ReadOnlyMemory<byte>> identities;
        private readonly UInt128 secret;
        private readonly Memory<byte> encapsulated;

        public EncapsulateWork(
            SakkePublicKey key, ReadOnlyMemory<ReadOnlyMemory<byte>> identities, ReadOnlySpan<byte> sharedSecret,
            Memory<byte> encapsulated)
        {
            this.key = key;
            this.identities = identities;
            this.encapsulated = encapsulated;
            secret = BinaryPrimitives.ReadUInt128BigEndian(sharedSecret);
        }

        public void Run(int first, int count)
        {
            Span<byte> sharedSecret = stackalloc byte[SharedSecretSizeInBytes];
            BinaryPrimitives.WriteUInt128BigEndian(sharedSecret, secret);
            key.EncapsulatePart(
                identities.Span.Slice(first, count), first, sharedSecret,
                encapsulated.Span.Slice(first * EncapsulatedSizeInBytes, count * EncapsulatedSizeInBytes));
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    private struct Arrays
    {
        public ScalarArray Own;
        public ScalarArray Products;
        public PointArray Points;
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct ScalarArray
    {
        private SakkeScalar scalar;
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct PointArray
    {
        private SakkeAffinePoint point;
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct PowerArray
    {
        private TargetGroupElement power;
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct ElementArray
    {
        private SakkeElement element;
    }
}

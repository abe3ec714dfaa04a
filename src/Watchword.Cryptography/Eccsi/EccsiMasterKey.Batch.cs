using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography;

/// <content>Many signing keys at once.</content>
public sealed partial class EccsiMasterKey
{
    private const string Unambiguous = "The overloads differ in a parameter that is not optional.";

    /// <summary>
    /// Issues signing keys for many identities, each with a fresh random v, in little more than half the time of as many calls of
    /// <see cref="IssueSigningKey(ReadOnlySpan{byte}, Span{byte}, Span{byte})"/>. Allocates nothing on one thread.
    /// </summary>
    /// <param name="identities">The identities.</param>
    /// <param name="ssks">Receives 32 octets for each, in their order; the caller overwrites them when done.</param>
    /// <param name="pvts">Receives 65 octets for each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    [SuppressMessage("ApiDesign", "RS0026:Overloads with optional parameters", Justification = Unambiguous)]
    public void IssueSigningKeys(
        ReadOnlyMemory<ReadOnlyMemory<byte>> identities, Memory<byte> ssks, Memory<byte> pvts, int maxDegreeOfParallelism = 1) =>
        IssueAll(identities, null, ssks, pvts, maxDegreeOfParallelism);

    /// <summary>
    /// As <see cref="IssueSigningKeys(ReadOnlyMemory{ReadOnlyMemory{byte}}, Memory{byte}, Memory{byte}, int)"/> with derived v:
    /// the same keys as <see cref="IssueSigningKey(ReadOnlySpan{byte}, EccsiDerivationKey)"/> gives.
    /// </summary>
    /// <param name="identities">The identities.</param>
    /// <param name="derivation">What v is derived from.</param>
    /// <param name="ssks">Receives 32 octets for each, in their order; the caller overwrites them when done.</param>
    /// <param name="pvts">Receives 65 octets for each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    [SuppressMessage("ApiDesign", "RS0026:Overloads with optional parameters", Justification = Unambiguous)]
    public void IssueSigningKeys(
        ReadOnlyMemory<ReadOnlyMemory<byte>> identities, EccsiDerivationKey derivation, Memory<byte> ssks, Memory<byte> pvts,
        int maxDegreeOfParallelism = 1)
    {
        ArgumentNullException.ThrowIfNull(derivation);
        IssueAll(identities, derivation, ssks, pvts, maxDegreeOfParallelism);
    }

    /// <summary>
    /// As the forms above with derived v, as objects: the same keys as <see cref="IssueSigningKey(ReadOnlySpan{byte},
    /// EccsiDerivationKey)"/> gives, in the order of the identities. The caller disposes each.
    /// </summary>
    /// <param name="identities">The identities.</param>
    /// <param name="derivation">What v is derived from.</param>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public EccsiSigningKey[] IssueSigningKeys(ReadOnlyMemory<ReadOnlyMemory<byte>> identities, EccsiDerivationKey derivation)
    {
        // One pinned block for the batch, of which each key owns its part.
        byte[] ssks = GC.AllocateUninitializedArray<byte>(identities.Length * EccsiSigningKey.SecretSizeInBytes, pinned: true);
        byte[] pvts = new byte[identities.Length * EccsiSigningKey.PublicTokenSizeInBytes];
        IssueSigningKeys(identities, derivation, ssks, pvts, maxDegreeOfParallelism: 1);
        EccsiSigningKey[] keys = new EccsiSigningKey[identities.Length];
        Span<byte> hash = stackalloc byte[EccsiHash.SizeInBytes];
        for (int i = 0; i < keys.Length; i++)
        {
            SecretOctets ssk = new(ssks, i * EccsiSigningKey.SecretSizeInBytes, EccsiSigningKey.SecretSizeInBytes);
            ReadOnlySpan<byte> pvt = pvts.AsSpan(
                i * EccsiSigningKey.PublicTokenSizeInBytes, EccsiSigningKey.PublicTokenSizeInBytes);
            ReadOnlySpan<byte> identity = identities.Span[i].Span;
            EccsiHash.IdentityHash(PublicKey.Octets, identity, pvt, hash);
            keys[i] = new EccsiSigningKey(PublicKey, identity, ssk, pvt, hash);
        }

        return keys;
    }

    private void IssueAll(
        ReadOnlyMemory<ReadOnlyMemory<byte>> identities, EccsiDerivationKey? derivation, Memory<byte> ssks, Memory<byte> pvts,
        int maxDegreeOfParallelism)
    {
        Lengths.RequireDestination(ssks.Length, (long)identities.Length * EccsiSigningKey.SecretSizeInBytes, nameof(ssks));
        Lengths.RequireDestination(pvts.Length, (long)identities.Length * EccsiSigningKey.PublicTokenSizeInBytes, nameof(pvts));
        try
        {
            BatchWork.Run(
                new IssueWork(this, identities, derivation, ssks, pvts), identities.Length, P256Batch.MaximalCount,
                maxDegreeOfParallelism);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(ssks.Span);
            throw;
        }
    }

    /// <summary>At most <see cref="P256Batch.MaximalCount"/> keys, with one inversion for each step of the sums.</summary>
    private void IssuePart(
        ReadOnlySpan<ReadOnlyMemory<byte>> identities, EccsiDerivationKey? derivation, Span<byte> ssks, Span<byte> pvts)
    {
        Unsafe.SkipInit(out ScalarArray storage);
        Unsafe.SkipInit(out PointArray points);
        Span<P256Scalar> v = storage;
        v = v[..identities.Length];
        try
        {
            DrawAll(identities, derivation, v);
            Span<P256AffinePoint> tokens = points;
            bool complete = v.Length >= P256Batch.MinimalCount && P256Batch.TryMultiplyGenerator(v, tokens);
            for (int i = 0; i < v.Length; i++)
            {
                ReadOnlySpan<byte> identity = identities[i].Span;
                Span<byte> ssk = ssks.Slice(i * EccsiSigningKey.SecretSizeInBytes, EccsiSigningKey.SecretSizeInBytes);
                Span<byte> pvt = pvts.Slice(i * EccsiSigningKey.PublicTokenSizeInBytes, EccsiSigningKey.PublicTokenSizeInBytes);
                if (!(complete ? TryFinish(identity, ref v[i], tokens[i], ssk, pvt) : TryIssue(identity, ref v[i], ssk, pvt)))
                {
                    IssueAgain(identity, derivation, ssk, pvt);
                }
            }
        }
        finally
        {
            // Also where a key is disposed of meanwhile: v and the SSK of its identity give KSAK.
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(v));
        }
    }

    /// <summary>One v for each identity.</summary>
    private void DrawAll(
        ReadOnlySpan<ReadOnlyMemory<byte>> identities, EccsiDerivationKey? derivation, Span<P256Scalar> v)
    {
        if (derivation is null)
        {
            EccsiScalars.Random(v);
            return;
        }

        for (int i = 0; i < v.Length; i++)
        {
            using HmacDrbg drbg = derivation.CreateGenerator(PublicKey, identities[i].Span);
            drbg.GenerateScalar(out v[i]);
        }
    }

    /// <summary>
    /// As the single form: where RFC 6507 §5.1.1 asks for another v, a derived one is the next of the generator.
    /// </summary>
    private void IssueAgain(ReadOnlySpan<byte> identity, EccsiDerivationKey? derivation, Span<byte> ssk, Span<byte> pvt)
    {
        if (derivation is null)
        {
            IssueSigningKey(identity, ssk, pvt);
        }
        else
        {
            IssueSigningKey(identity, derivation, ssk, pvt);
        }
    }

    /// <summary>SSK and PVT for v and [v]G.</summary>
    private bool TryFinish(
        ReadOnlySpan<byte> identity, ref P256Scalar v, in P256AffinePoint token, Span<byte> ssk, Span<byte> pvt)
    {
        Span<byte> encoded = stackalloc byte[P256Point.SizeInBytes];
        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        token.Encode(encoded);
        if (!TryCombine(identity, ref v, encoded, ssk, identityHash))
        {
            return false;
        }

        encoded.CopyTo(pvt);
        return true;
    }

    private readonly struct IssueWork(
        EccsiMasterKey key, ReadOnlyMemory<ReadOnlyMemory<byte>> identities, EccsiDerivationKey? derivation, Memory<byte> ssks,
        Memory<byte> pvts) : IBatchWork
    {
        public void Run(int first, int count) => key.IssuePart(
            identities.Span.Slice(first, count), derivation,
            ssks.Span.Slice(first * EccsiSigningKey.SecretSizeInBytes, count * EccsiSigningKey.SecretSizeInBytes),
            pvts.Span.Slice(first * EccsiSigningKey.PublicTokenSizeInBytes, count * EccsiSigningKey.PublicTokenSizeInBytes));
    }

    [InlineArray(P256Batch.MaximalCount)]
    private struct ScalarArray
    {
        private P256Scalar scalar;
    }

    [InlineArray(P256Batch.MaximalCount)]
    private struct PointArray
    {
        private P256AffinePoint point;
    }
}

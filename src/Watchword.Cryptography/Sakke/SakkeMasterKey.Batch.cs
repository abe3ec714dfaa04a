using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography;

/// <content>Many receiver keys at once.</content>
public sealed partial class SakkeMasterKey
{
    /// <summary>
    /// Issues the RSKs of many identities (RFC 6508 §6.1.1), each the same as
    /// <see cref="IssueReceiverKey(ReadOnlySpan{byte}, Span{byte})"/> gives, in three fifths of the time. Allocates nothing on
    /// one thread.
    /// </summary>
    /// <param name="identities">The identities.</param>
    /// <param name="receiverKeys">Receives 257 octets for each, in their order; the caller overwrites them when done.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="CryptographicException">This master secret cannot serve an identity; the message has its index. Nothing
    /// is left in the destination.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void IssueReceiverKeys(
        ReadOnlyMemory<ReadOnlyMemory<byte>> identities, Memory<byte> receiverKeys, int maxDegreeOfParallelism = 1)
    {
        Lengths.RequireDestination(
            receiverKeys.Length, (long)identities.Length * SakkeReceiverKey.SizeInBytes, nameof(receiverKeys));
        try
        {
            BatchWork.Run(
                new IssueWork(this, identities, receiverKeys), identities.Length, SakkeBatch.MaximalCount,
                maxDegreeOfParallelism);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(receiverKeys.Span);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="IssueReceiverKeys(ReadOnlyMemory{ReadOnlyMemory{byte}}, Memory{byte}, int)"/> on one thread, as objects in
    /// the order of the identities. The caller disposes each.
    /// </summary>
    /// <param name="identities">The identities.</param>
    /// <exception cref="CryptographicException">This master secret cannot serve an identity; the message has its
    /// index.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SakkeReceiverKey[] IssueReceiverKeys(ReadOnlyMemory<ReadOnlyMemory<byte>> identities)
    {
        // One pinned block for the batch, of which each key owns its part.
        byte[] octets = GC.AllocateUninitializedArray<byte>(identities.Length * SakkeReceiverKey.SizeInBytes, pinned: true);
        IssueReceiverKeys(identities, octets, maxDegreeOfParallelism: 1);
        SakkeReceiverKey[] keys = new SakkeReceiverKey[identities.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            SecretOctets rsk = new(octets, i * SakkeReceiverKey.SizeInBytes, SakkeReceiverKey.SizeInBytes);
            keys[i] = new SakkeReceiverKey(PublicKey, identities.Span[i].Span, rsk);
        }

        return keys;
    }

    /// <summary>
    /// At most <see cref="SakkeBatch.MaximalCount"/> keys, with one inversion modulo q and one for each step of the sums.
    /// </summary>
    private void IssuePart(ReadOnlySpan<ReadOnlyMemory<byte>> identities, int firstIndex, Span<byte> receiverKeys)
    {
        ScalarArray storage = default;
        ScalarArray scratch = default;
        AffineArray points = default;
        Span<SakkeScalar> inverses = storage;
        inverses = inverses[..identities.Length];
        secret.Decode(out SakkeScalar z);
        for (int i = 0; i < inverses.Length; i++)
        {
            inverses[i] = SakkeScalar.FromOctets(identities[i].Span) + z;
            if (inverses[i].IsZero().Reveal())
            {
                z.Clear();
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(inverses));
                throw new CryptographicException(
                    $"The identity at index {firstIndex + i} is the negative of the master secret (RFC 6508 §6.1.1).");
            }
        }

        z.Clear();
        SakkeScalar.InvertAll(inverses, scratch);
        Span<SakkeAffinePoint> products = points;
        bool complete = inverses.Length >= SakkeBatch.MinimalCount
            && SakkeBatch.TryMultiply(SakkeCurve.GeneratorComb, inverses, null, [], products);
        for (int i = 0; i < inverses.Length; i++)
        {
            Span<byte> destination = receiverKeys.Slice(i * SakkeReceiverKey.SizeInBytes, SakkeReceiverKey.SizeInBytes);
            if (complete)
            {
                products[i].Encode(destination);
                products[i].Clear();
            }
            else
            {
                SakkePoint point = SakkeCurve.MultiplyGenerator(inverses[i]);
                point.Encode(destination);
                point.Clear();
            }

            inverses[i].Clear();
        }
    }

    private readonly struct IssueWork(
        SakkeMasterKey key, ReadOnlyMemory<ReadOnlyMemory<byte>> identities, Memory<byte> receiverKeys) : IBatchWork
    {
        public void Run(int first, int count) => key.IssuePart(
            identities.Span.Slice(first, count), first,
            receiverKeys.Span.Slice(first * SakkeReceiverKey.SizeInBytes, count * SakkeReceiverKey.SizeInBytes));
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct ScalarArray
    {
        private SakkeScalar scalar;
    }

    [InlineArray(SakkeBatch.MaximalCount)]
    private struct AffineArray
    {
        private SakkeAffinePoint point;
    }
}

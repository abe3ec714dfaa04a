using Watchword.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;

namespace Watchword.Benchmarks.Rows;

/// <summary>
/// Stand-ins, by the single forms, for members that <c>Watchword.Cryptography</c> does not have yet. They have those members'
/// names and parameters, and the compiler prefers a type's own member to an extension: this file is to be deleted when they are
/// there, and nothing else changes.
/// </summary>
internal static class UpcomingApi
{
    private static readonly SakkeAffinePoint Generator = SakkeAffinePoint.From(SakkeCurve.Generator);

    extension(SakkeMasterKey master)
    {
        public void IssueReceiverKey(ReadOnlySpan<byte> identity, Span<byte> receiverKey)
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(identity);
            key.Export(receiverKey);
        }

        public void IssueReceiverKeys(
            ReadOnlyMemory<ReadOnlyMemory<byte>> identities, Memory<byte> receiverKeys, int maxDegreeOfParallelism = 1) =>
            ForEach(identities.Length, maxDegreeOfParallelism, i => master.IssueReceiverKey(
                identities.Span[i].Span, Slice(receiverKeys, i, SakkeReceiverKey.SizeInBytes)));
    }

    extension(SakkePublicKey publicKey)
    {
        public void EncapsulateSecretToAll(
            ReadOnlyMemory<ReadOnlyMemory<byte>> identities, ReadOnlyMemory<byte> sharedSecret, Memory<byte> encapsulated,
            int maxDegreeOfParallelism = 1) =>
            ForEach(identities.Length, maxDegreeOfParallelism, i => publicKey.EncapsulateSecret(
                identities.Span[i].Span, sharedSecret.Span, Slice(encapsulated, i, SakkePublicKey.EncapsulatedSizeInBytes)));
    }

    extension(SakkeReceiverKey key)
    {
        public static void ValidateAll(
            ReadOnlyMemory<SakkeReceiverKey> keys, Memory<bool> valid, int maxDegreeOfParallelism = 1) =>
            ForEach(keys.Length, maxDegreeOfParallelism, i => valid.Span[i] = keys.Span[i].Validate());

        /// <summary>Makes no table: takes the walk through the Miller loop that making one will take.</summary>
        public void Precompute()
        {
            Span<byte> octets = stackalloc byte[SakkeReceiverKey.SizeInBytes];
            key.Export(octets);
            _ = SakkePoint.TryDecode(octets, out SakkePoint point);
            _ = TatePairing.MillerLoop(new SakkeAffinePoint { X = point.X, Y = point.Y }, Generator);
        }
    }

    extension(EccsiMasterKey master)
    {
        public void IssueSigningKey(ReadOnlySpan<byte> identity, Span<byte> ssk, Span<byte> pvt)
        {
            using EccsiSigningKey key = master.IssueSigningKey(identity);
            key.ExportSecret(ssk);
            key.ExportPublicToken(pvt);
        }

        public void IssueSigningKeys(
            ReadOnlyMemory<ReadOnlyMemory<byte>> identities, Memory<byte> ssks, Memory<byte> pvts,
            int maxDegreeOfParallelism = 1) =>
            ForEach(identities.Length, maxDegreeOfParallelism, i => master.IssueSigningKey(
                identities.Span[i].Span,
                Slice(ssks, i, EccsiSigningKey.SecretSizeInBytes),
                Slice(pvts, i, EccsiSigningKey.PublicTokenSizeInBytes)));
    }

    extension(EccsiSigningKey)
    {
        public static void ValidateAll(
            ReadOnlyMemory<EccsiSigningKey> keys, Memory<bool> valid, int maxDegreeOfParallelism = 1) =>
            ForEach(keys.Length, maxDegreeOfParallelism, i => valid.Span[i] = keys.Span[i].Validate());
    }

    private static void ForEach(int count, int maxDegreeOfParallelism, Action<int> action) =>
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism }, action);

    private static Span<byte> Slice(Memory<byte> octets, int index, int size) => octets.Span.Slice(index * size, size);
}

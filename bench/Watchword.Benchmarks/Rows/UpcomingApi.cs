using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>
/// Stand-ins, by the single forms, for members that <c>Watchword.Cryptography</c> does not have yet. They have those members'
/// names and parameters, and the compiler prefers a type's own member to an extension: this file is to be deleted when they are
/// there, and nothing else changes.
/// </summary>
internal static class UpcomingApi
{
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

namespace Watchword.Cryptography;

/// <content>Many receiver keys at once.</content>
public sealed partial class SakkeReceiverKey
{
    /// <summary>Validates many RSKs, of any KMS, each as <see cref="Validate"/> does; true if all are valid.</summary>
    /// <remarks>
    /// One by one: a random linear combination of the pairings would still leave the order of every RSK to be checked by itself, since the
    /// curve has points of order 4 that a combination lets pass with a probability that is not small. In the validation of one key the
    /// pairing and the order come out of one loop.
    /// </remarks>
    /// <param name="keys">The keys.</param>
    /// <param name="valid">Receives the verdict on each, in their order.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <exception cref="ArgumentException">The destination has another length, or a key is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public static bool ValidateAll(ReadOnlyMemory<SakkeReceiverKey> keys, Memory<bool> valid, int maxDegreeOfParallelism = 1)
    {
        Lengths.RequireDestination(valid.Length, keys.Length, nameof(valid));
        Lengths.RequireMembers(keys.Span, nameof(keys));
        BatchWork.Run(new ValidateWork(keys, valid), keys.Length, partSize: 1, maxDegreeOfParallelism);
        return !valid.Span.Contains(false);
    }

    private readonly struct ValidateWork(ReadOnlyMemory<SakkeReceiverKey> keys, Memory<bool> valid) : IBatchWork
    {
        public void Run(int first, int count)
        {
            for (int i = first; i < first + count; i++)
            {
                valid.Span[i] = keys.Span[i].Validate();
            }
        }
    }
}

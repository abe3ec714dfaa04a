namespace Watchword.Cryptography;

/// <summary>A part of a batch: whatever is done with the members from a first one on. Parts are independent.</summary>
internal interface IBatchWork
{
    void Run(int first, int count);
}

/// <summary>Cuts batches into parts and spreads them over processors.</summary>
internal static class BatchWork
{
    /// <summary>
    /// Runs the work on all members, in parts of at most <paramref name="partSize"/>. On the calling thread, without allocating, if
    /// the degree is 1; otherwise on as many threads as it says, or on one per processor for -1. An exception of a part comes out
    /// as it is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The degree is neither positive nor -1.</exception>
    public static void Run<TWork>(TWork work, int count, int partSize, int maxDegreeOfParallelism)
        where TWork : IBatchWork
    {
        if (maxDegreeOfParallelism is < -1 or 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxDegreeOfParallelism), maxDegreeOfParallelism, "A positive number of threads, or -1 for every processor.");
        }

        int threads = maxDegreeOfParallelism == -1 ? Environment.ProcessorCount : maxDegreeOfParallelism;
        int parts = (int)(((long)count + partSize - 1) / partSize);
        if (threads == 1 || count < 2)
        {
            for (int i = 0; i < parts; i++)
            {
                work.Run(i * partSize, Math.Min(partSize, count - (i * partSize)));
            }

            return;
        }

        RunParallel(work, count, parts, threads);
    }

    /// <summary>Apart from the above: what the delegate captures is allocated on entry.</summary>
    private static void RunParallel<TWork>(TWork work, int count, int parts, int threads)
        where TWork : IBatchWork
    {
        // Every thread gets something to do, of about the same size: none is larger than the parts that were asked for.
        parts = Math.Max(parts, Math.Min(threads, count));
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        try
        {
            _ = Parallel.For(0, parts, options, i =>
            {
                int first = (int)((long)count * i / parts);
                work.Run(first, (int)((long)count * (i + 1) / parts) - first);
            });
        }
        catch (AggregateException exception)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}

using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Watchword.Benchmarks.Measuring;

/// <summary>
/// Operations per second as the best of many short batches: what the code can do when nothing else takes the processor.
/// </summary>
internal sealed class RateMeter
{
    /// <summary>A batch shorter than this is doubled: the clock and the neighbours would be too much of it.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(12);

    private readonly Worker[] workers;
    private int operations;

    /// <summary>Threads beyond one each get a worker of their own; a batch row gets one worker that spreads by itself.</summary>
    public RateMeter(Row row, int threads)
    {
        workers = row.IsBatch
            ? [row.CreateWorker(threads)]
            : [.. Enumerable.Range(0, threads).Select(_ => row.CreateWorker(1))];
        operations = row.OperationsPerCall;
        WarmUp();
    }

    /// <summary>Operations per second of the best batch so far, of all threads together.</summary>
    public double Best { get; private set; }

    /// <summary>The rate of a row on one thread, by batches for the given time; inputs are made between them, untimed.</summary>
    public static double Measure(Row row, TimeSpan time)
    {
        RateMeter meter = new(row, threads: 1);
        long start = Stopwatch.GetTimestamp();
        const int Fewest = 3;
        for (int i = 0; i < Fewest || Stopwatch.GetElapsedTime(start) < time; i++)
        {
            meter.RunBatch();
        }

        return meter.Best;
    }

    /// <summary>Times one batch.</summary>
    public void RunBatch()
    {
        TimeSpan elapsed = workers.Length == 1 ? RunAlone(workers[0]) : RunTogether();
        Best = Math.Max(Best, workers.Length * operations / elapsed.TotalSeconds);
        if (elapsed < Shortest)
        {
            operations *= 2;
        }
    }

    private void WarmUp()
    {
        // Tables are made, and the just-in-time compiler sees the code before its rate counts.
        TimeSpan elapsed;
        do
        {
            elapsed = workers.Length == 1 ? RunAlone(workers[0]) : RunTogether();
            operations = elapsed < Shortest ? operations * 2 : operations;
        }
        while (elapsed < Shortest);
    }

    private TimeSpan RunAlone(Worker worker)
    {
        worker.Prepare(operations);
        long start = Stopwatch.GetTimestamp();
        worker.Run(operations);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>From the first thread's start to the last one's end.</summary>
    private TimeSpan RunTogether()
    {
        using Barrier ready = new(workers.Length);
        long[] starts = new long[workers.Length];
        long[] ends = new long[workers.Length];
        Exception? fault = null;
        Thread[] threads = [.. workers.Select((worker, i) => new Thread(() =>
        {
            try
            {
                worker.Prepare(operations);
                ready.SignalAndWait();
                starts[i] = Stopwatch.GetTimestamp();
                worker.Run(operations);
                ends[i] = Stopwatch.GetTimestamp();
            }
            catch (Exception exception)
            {
                fault = exception;
                ready.RemoveParticipant();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        return Stopwatch.GetElapsedTime(starts.Min(), ends.Max());
    }
}

using System.Diagnostics;
using System.Security.Cryptography;

namespace Watchword.Benchmarks.Timing;

/// <summary>Times an operation on inputs of both classes in random order.</summary>
internal static class LeakageMeter
{
    /// <summary>Inputs are made so many at a time, each in its own place: to fetch one costs both classes the same.</summary>
    private const int BlockLength = 256;

    private const int FewestToWarmUp = 30;
    private const int FewestSamples = 1_000;
    private const int MostSamples = 100_000;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromMilliseconds(500);

    /// <summary>As many samples as asked for, or else as many as fit into the time, within reason.</summary>
    public static Samples Measure(TimedOperation operation, int? count, TimeSpan time)
    {
        // The just-in-time compiler optimises what it saw run; it must have seen both classes, and be done.
        Collect(operation, new Samples(0), FewestToWarmUp, int.MaxValue, WarmUpTime);
        Samples samples = new(count ?? MostSamples);
        GC.Collect();
        Collect(operation, samples, count ?? FewestSamples, count ?? MostSamples, time);
        return samples;
    }

    private static void Collect(TimedOperation operation, Samples samples, int fewest, int most, TimeSpan time)
    {
        byte[] inputs = new byte[BlockLength * operation.InputSize];
        byte[] classes = new byte[BlockLength];
        long start = Stopwatch.GetTimestamp();
        while (More())
        {
            RandomNumberGenerator.Fill(classes);
            for (int i = 0; i < BlockLength; i++)
            {
                Span<byte> input = inputs.AsSpan(i * operation.InputSize, operation.InputSize);
                (IsFixed(classes[i]) ? operation.FillFixed : operation.FillRandom)(input);
            }

            for (int i = 0; i < BlockLength && More(); i++)
            {
                long elapsed = Time(operation, inputs.AsSpan(i * operation.InputSize, operation.InputSize));
                samples.Add(IsFixed(classes[i]), elapsed);
            }
        }

        bool More() =>
            samples.Count < fewest || (samples.Count < most && Stopwatch.GetElapsedTime(start) < time);
    }

    private static bool IsFixed(byte random) => (random & 1) != 0;

    private static long Time(TimedOperation operation, ReadOnlySpan<byte> input)
    {
        operation.Load(input);
        long start = Stopwatch.GetTimestamp();
        operation.Run();
        long end = Stopwatch.GetTimestamp();
        operation.Unload();
        return end - start;
    }
}

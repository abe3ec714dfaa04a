namespace Watchword.Benchmarks.Timing;

/// <summary>
/// The statistics of Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", DATE 2017 (eprint 2016/1123) §3: Welch's
/// t-test on all samples and on samples without their upper tail, cut at many percentiles.
/// </summary>
/// <remarks>
/// The upper tail is what interrupts and neighbours add. The percentiles are those of the authors' program, 1 - 2^(-i/10) for i
/// from 1 to 100, taken over both classes together. A cut that leaves too few samples of a class is passed over.
/// </remarks>
internal static class WelchTest
{
    private const int Cuts = 100;
    private const int FewestPerClass = 200;

    /// <summary>The greatest |t| over all cuts; infinity if a cut leaves each class a constant time, and not the same.</summary>
    public static double GreatestT(Samples samples)
    {
        long[] sorted = samples.Sorted();
        double greatest = Math.Abs(T(samples, long.MaxValue));
        long last = long.MaxValue;
        for (int i = 1; i <= Cuts; i++)
        {
            double percentile = 1 - Math.Pow(2, -i / 10.0);
            long limit = sorted[(int)(percentile * (sorted.Length - 1))];
            if (limit != last)
            {
                greatest = Math.Max(greatest, Math.Abs(T(samples, limit)));
                last = limit;
            }
        }

        return greatest;
    }

    /// <summary>Welch's t of the samples up to the limit; 0 if they are too few.</summary>
    private static double T(Samples samples, long limit)
    {
        Moments first = default;
        Moments second = default;
        for (int i = 0; i < samples.Count; i++)
        {
            (bool isFixed, long ticks) = samples.At(i);
            if (ticks > limit)
            {
                continue;
            }

            if (isFixed)
            {
                first.Add(ticks);
            }
            else
            {
                second.Add(ticks);
            }
        }

        if (first.Count < FewestPerClass || second.Count < FewestPerClass)
        {
            return 0;
        }

        double difference = first.Mean - second.Mean;
        double error = Math.Sqrt((first.Variance / first.Count) + (second.Variance / second.Count));
        return difference == 0 ? 0 : difference / error;
    }

    /// <summary>Mean and variance in one pass (Welford 1962).</summary>
    private struct Moments
    {
        private double squares;

        public int Count { get; private set; }

        public double Mean { get; private set; }

        public readonly double Variance => squares / (Count - 1);

        public void Add(double value)
        {
            Count++;
            double delta = value - Mean;
            Mean += delta / Count;
            squares += delta * (value - Mean);
        }
    }
}

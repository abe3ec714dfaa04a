using System.Diagnostics;

namespace Watchword.Benchmarks.Timing;

/// <summary>What the test says of one operation.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Samples">Samples of each run.</param>
/// <param name="Microseconds">The median time of one operation.</param>
/// <param name="GreatestT">The greatest |t| of each run.</param>
/// <param name="Passed">No leak found; of an operation that leaks on purpose, the leak found.</param>
internal sealed record LeakageResult(
    TimedOperation Operation, int Samples, double Microseconds, IReadOnlyList<double> GreatestT, bool Passed)
{
    public string Verdict => (Operation.LeaksOnPurpose, Passed) switch
    {
        (true, true) => "caught",
        (true, false) => "NOT CAUGHT",
        (false, true) => GreatestT.Count == 1 ? "pass" : $"pass in run {GreatestT.Count}",
        (false, false) => "LEAK",
    };
}

/// <summary>Runs an operation once, and again with fresh samples where the first run finds a difference.</summary>
internal static class LeakageTest
{
    /// <summary>The authors' limit: below it there is no evidence of a difference.</summary>
    public const double Limit = 4.5;

    /// <summary>What leaks on purpose must stand out by far.</summary>
    public const double CaughtLimit = 10;

    /// <summary>A real leak shows in every run; a disturbance of the machine hardly does three times.</summary>
    public const int MostRuns = 3;

    public static LeakageResult Run(TimedOperation operation, int? count, TimeSpan time)
    {
        List<double> values = [];
        Samples samples;
        do
        {
            samples = LeakageMeter.Measure(operation, count, time);
            values.Add(WelchTest.GreatestT(samples));
        }
        while (!operation.LeaksOnPurpose && values[^1] >= Limit && values.Count < MostRuns);

        bool passed = operation.LeaksOnPurpose ? values[^1] >= CaughtLimit : values[^1] < Limit;
        double median = samples.Sorted()[samples.Count / 2] * (1e6 / Stopwatch.Frequency) / operation.Repetitions;
        return new LeakageResult(operation, samples.Count, median, values, passed);
    }
}

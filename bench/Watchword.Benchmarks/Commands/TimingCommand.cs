using System.CommandLine;
using System.Globalization;
using Watchword.Benchmarks.Measuring;
using Watchword.Benchmarks.Timing;

namespace Watchword.Benchmarks.Commands;

/// <summary><c>timing</c>: does the time of a secret operation tell anything about the secret?</summary>
internal sealed class TimingCommand : Command
{
    private readonly Option<bool> json = CommonOptions.Json();
    private readonly Option<string?> filter = CommonOptions.Filter();
    private readonly Option<double> seconds = CommonOptions.Seconds(6, "time of each run, where --samples does not say how many");
    private readonly Option<int?> samples = CommonOptions.Count(
        "--samples", "N", 1_000, 10_000_000, "samples of each run, both classes together; else what fits into the time");

    public TimingCommand()
        : base("timing", "leakage test of the secret operations; exit code 1 if one leaks or a planted leak is missed")
    {
        Add(json);
        Add(filter);
        Add(seconds);
        Add(samples);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        IEnumerable<TimedOperation> secret =
            [.. new SakkeOperations().All, .. new EccsiOperations().All, .. ArithmeticOperations.All, .. HashOperations.All];

        // The leaks that are planted are always looked for: without them a pass says nothing.
        IEnumerable<TimedOperation> operations =
            [.. CommonOptions.Take(secret, operation => operation.Key, parse.GetValue(filter)), .. LeakyOperations.All];
        int? count = parse.GetValue(samples);
        TimeSpan time = TimeSpan.FromSeconds(parse.GetValue(seconds));
        bool table = !parse.GetValue(json);
        if (table)
        {
            PrintHead();
        }

        List<LeakageResult> results = [];
        foreach (TimedOperation operation in operations)
        {
            results.Add(LeakageTest.Run(operation, count, time));
            if (table)
            {
                PrintLine(results[^1]);
            }
        }

        bool passed = results.TrueForAll(result => result.Passed);
        if (table)
        {
            Console.WriteLine();
            Console.WriteLine(passed ? "passed" : "FAILED");
        }
        else
        {
            PrintJson(results, passed);
        }

        return passed ? 0 : 1;
    }

    private static void PrintHead()
    {
        Console.WriteLine(Machine.Current);
        Console.WriteLine(
            $"""

            Welch's t-test on the times of two classes of inputs in random order, upper tails cropped at 100 percentiles.
            The greatest |t| below {LeakageTest.Limit:F1} passes. A run at or above it is repeated with fresh samples, up to
            {LeakageTest.MostRuns} runs in all, and one below passes: a leak shows every time, a disturbance of the machine hardly
            does. All runs are shown. The test finds leaks; it does not prove that there are none. The leaky operations
            are planted, to be caught with {LeakageTest.CaughtLimit:F0} or more.

            """);
        Console.WriteLine($"{"operation",-24}{"classes",-46}{"samples",8}{"µs each",11}  {"verdict",-14}|t| of each run");
    }

    private static void PrintLine(LeakageResult result)
    {
        string values = string.Join(", ", result.GreatestT.Select(value => value.ToString("F2", CultureInfo.InvariantCulture)));
        TimedOperation operation = result.Operation;
        Console.Write($"{operation.Key,-24}{operation.Classes,-46}{result.Samples,8}{result.Microseconds,11:F3}  ");
        Console.WriteLine($"{result.Verdict,-14}{values}");
    }

    private static void PrintJson(List<LeakageResult> results, bool passed) => Json.Print(new
    {
        Machine = Machine.Current,
        LeakageTest.Limit,
        Operations = results.Select(result => new
        {
            result.Operation.Key,
            result.Operation.Classes,
            result.Samples,
            Microseconds = Json.Round(result.Microseconds),
            GreatestT = result.GreatestT.Select(Json.Round),
            result.Operation.LeaksOnPurpose,
            result.Verdict,
        }),
        Passed = passed,
    });
}

using System.CommandLine;
using System.Diagnostics;
using Watchword.Benchmarks.Measuring;
using Watchword.Benchmarks.Rows;

namespace Watchword.Benchmarks.Commands;

/// <summary><c>scaling</c>: each row on one thread and on several, in turn.</summary>
internal sealed class ScalingCommand : Command
{
    /// <summary>The goal: two threads do at least 1.9 times what one does; more threads the like.</summary>
    private const double GoalPerThread = 0.95;

    private readonly Option<bool> json = CommonOptions.Json();
    private readonly Option<double> seconds = CommonOptions.Seconds(2, "measuring time of each row, making of inputs included");
    private readonly Option<string?> filter = CommonOptions.Filter();
    private readonly Option<int?> threads = CommonOptions.Count("--threads", "N", 2, 256, "threads to compare with one; else 2");

    public ScalingCommand()
        : base("scaling", "operations per second on one thread and on several, keys shared")
    {
        Add(json);
        Add(seconds);
        Add(filter);
        Add(threads);
        SetAction(Run);
    }

    private void Run(ParseResult parse)
    {
        IReadOnlyList<Row> rows = CommonOptions.Take(RowCatalogue.Create(), row => row.Key, parse.GetValue(filter));
        TimeSpan time = TimeSpan.FromSeconds(parse.GetValue(seconds));
        int count = parse.GetValue(threads) ?? 2;
        double goal = GoalPerThread * count;
        bool table = !parse.GetValue(json);
        if (table)
        {
            Console.WriteLine(Machine.Current);
            Console.WriteLine();
            Console.WriteLine($"{"row",-22}{"1 thread /s",14}{count + " threads /s",14}{"ratio",8}  goal {goal:F1}");
        }

        OrderedDictionary<string, object> results = [];
        foreach (Row row in rows)
        {
            row.RunCheck();
            (double one, double many) = Measure(row, count, time);
            double ratio = many / one;
            results.Add(row.Key, new { One = Json.Round(one), Many = Json.Round(many), Ratio = Math.Round(ratio, 3) });
            if (table)
            {
                Console.WriteLine($"{row.Key,-22}{one,14:F0}{many,14:F0}{ratio,8:F2}  {(ratio >= goal ? "reached" : "missed")}");
            }
        }

        if (!table)
        {
            Json.Print(new { Machine = Machine.Current, Threads = count, Goal = goal, Scaling = results });
        }
    }

    /// <summary>Best batches of both, taken in turn so that a slow moment of the machine falls on both.</summary>
    private static (double One, double Many) Measure(Row row, int threads, TimeSpan time)
    {
        RateMeter one = new(row, 1);
        RateMeter many = new(row, threads);
        long start = Stopwatch.GetTimestamp();
        const int Fewest = 3;
        for (int i = 0; i < Fewest || Stopwatch.GetElapsedTime(start) < time; i++)
        {
            one.RunBatch();
            many.RunBatch();
        }

        return (one.Best, many.Best);
    }
}

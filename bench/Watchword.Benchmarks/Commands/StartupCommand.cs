using System.CommandLine;
using Watchword.Benchmarks.Measuring;
using Watchword.Benchmarks.Startup;

namespace Watchword.Benchmarks.Commands;

/// <summary><c>startup</c>: how long the first operation of each kind takes in a fresh process.</summary>
internal sealed class StartupCommand : Command
{
    private const double LimitMilliseconds = 150;

    private readonly Option<bool> json = CommonOptions.Json();
    private readonly Option<string?> filter = CommonOptions.Filter();
    private readonly Option<int?> runs = CommonOptions.Count(
        "--runs", "N", 1, 100, "processes of each kind, of which the median counts; else 5");

    public StartupCommand()
        : base("startup", $"time to the first operation in a fresh process; exit code 1 if one takes over {LimitMilliseconds} ms")
    {
        Add(json);
        Add(filter);
        Add(runs);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        IReadOnlyList<FirstUse> uses = CommonOptions.Take(FirstUses.All, use => use.Key, parse.GetValue(filter));
        int count = parse.GetValue(runs) ?? 5;
        bool table = !parse.GetValue(json);
        if (table)
        {
            Console.WriteLine(Machine.Current);
            Console.WriteLine();
            Console.Write($"{"first use",-20}{"keys ms",10}{"first ms",10}{"both ms",10}{"heap KiB",10}");
            Console.WriteLine($"  limit {LimitMilliseconds} ms");
        }

        OrderedDictionary<string, object> results = [];
        bool within = true;
        foreach (FirstUse use in uses)
        {
            FirstUseResult median = Enumerable.Range(0, count).Select(_ => FirstUseProcess.Start(use))
                .OrderBy(result => result.TotalMilliseconds).ElementAt(count / 2);
            bool kept = median.TotalMilliseconds <= LimitMilliseconds;
            within &= kept;
            results.Add(use.Key, new
            {
                KeysMilliseconds = Json.Round(median.ImportMilliseconds),
                FirstMilliseconds = Json.Round(median.OperationMilliseconds),
                TotalMilliseconds = Json.Round(median.TotalMilliseconds),
                HeapKibibytes = Json.Round(median.HeapKibibytes),
            });
            if (table)
            {
                Console.Write($"{use.Key,-20}{median.ImportMilliseconds,10:F1}{median.OperationMilliseconds,10:F1}");
                Console.Write($"{median.TotalMilliseconds,10:F1}{median.HeapKibibytes,10:F0}");
                Console.WriteLine($"  {(kept ? "kept" : "MISSED"),-6}  {use.Meaning}");
            }
        }

        if (!table)
        {
            Json.Print(new { Machine = Machine.Current, LimitMilliseconds, FirstUses = results, Kept = within });
        }

        return within ? 0 : 1;
    }
}

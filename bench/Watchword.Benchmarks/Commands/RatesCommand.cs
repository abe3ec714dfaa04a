using System.CommandLine;
using Watchword.Benchmarks.Measuring;
using Watchword.Benchmarks.Rows;

namespace Watchword.Benchmarks.Commands;

/// <summary><c>rates</c>: operations per second of each row, on one thread.</summary>
internal sealed class RatesCommand : Command
{
    private readonly Option<bool> json = CommonOptions.Json();
    private readonly Option<double> seconds = CommonOptions.Seconds(2, "measuring time of each row, making of inputs included");
    private readonly Option<string?> filter = CommonOptions.Filter();

    public RatesCommand()
        : base("rates", "operations per second on one thread: the best of many short batches")
    {
        Add(json);
        Add(seconds);
        Add(filter);
        SetAction(Run);
    }

    private void Run(ParseResult parse)
    {
        IReadOnlyList<Row> rows = CommonOptions.Take(RowCatalogue.Create(), row => row.Key, parse.GetValue(filter));
        TimeSpan time = TimeSpan.FromSeconds(parse.GetValue(seconds));
        bool table = !parse.GetValue(json);
        if (table)
        {
            Console.WriteLine(Machine.Current);
            Console.WriteLine();
            Console.WriteLine($"{"row",-22}{"per second",12}{"µs each",12}  what");
        }

        OrderedDictionary<string, double> rates = [];
        foreach (Row row in rows)
        {
            row.RunCheck();
            double rate = RateMeter.Measure(row, time);
            rates.Add(row.Key, Json.Round(rate));
            if (table)
            {
                Console.WriteLine($"{row.Key,-22}{rate,12:F0}{1e6 / rate,12:F1}  {row.Meaning}");
            }
        }

        if (!table)
        {
            Json.Print(new { Machine = Machine.Current, Rates = rates });
        }
    }
}

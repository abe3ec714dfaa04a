using System.CommandLine;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Watchword.Benchmarks.Commands;

/// <summary><c>benchmark</c>: BenchmarkDotNet over the classes in <c>Suites</c>. Its arguments are not ours.</summary>
internal sealed class SuitesCommand : Command
{
    public const string Word = "benchmark";

    public SuitesCommand()
        : base(Word, "BenchmarkDotNet, with its own arguments, such as --list flat or --filter '*Sakke*' --job short") =>
        SetAction(_ => RunSuites([]));

    public static int RunSuites(string[] arguments)
    {
        // BenchmarkDotNet says itself what it could not do; a run that measured nothing failed.
        bool informs = arguments.Any(argument => argument is "--help" or "--version" or "--list" or "--info");
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(SuitesCommand).Assembly).Run(arguments);
        return informs || summaries.Any(summary => summary.Reports.Any(report => report.Success)) ? 0 : 1;
    }
}

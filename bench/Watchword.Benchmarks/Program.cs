using Watchword.Benchmarks.Commands;

return BenchmarksCommand.Run(args);

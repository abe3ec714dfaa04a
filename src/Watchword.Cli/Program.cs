using Watchword.Cli;

return await WatchwordCommand.RunAsync(args, new SystemConsole());

return await Watchword.ResourceServers.ServicesCommands.RunAsync(args);

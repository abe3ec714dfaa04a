return await Watchword.HttpProxy.ProxyCommands.RunAsync(args);

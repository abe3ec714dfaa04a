return await Watchword.Kms.Server.KmsCommands.RunAsync(args);

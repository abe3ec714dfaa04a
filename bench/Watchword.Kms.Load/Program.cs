using Watchword.Kms.Load;

return await new LoadCommand().Parse(args).InvokeAsync();

using Watchword.Services.Load;

return await new LoadCommand().Parse(args).InvokeAsync();

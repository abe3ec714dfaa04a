using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;

namespace Watchword.HttpProxy;

/// <summary>The verbs of the executable, those of <see cref="ServerVerbs"/>. Tokens pass through its memory, and key sets of clients without transport keys.</summary>
public static class ProxyCommands
{
    /// <summary>Runs the verb of <paramref name="args"/>.</summary>
    /// <param name="args">Verb and options.</param>
    /// <param name="output">Takes the place of the standard output.</param>
    /// <param name="errors">Takes the place of the standard error.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null) =>
        ServerVerbs.RunAsync(args, rest => ProxyApplication.Create(rest), ConfigurationCheck.RunAsync, output, errors);
}

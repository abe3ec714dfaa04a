using Watchword.Hosting;
using Watchword.ResourceServers.Configuration;

namespace Watchword.ResourceServers;

/// <summary>The verbs of the executable, those of <see cref="ServerVerbs"/>. Tokens and the keys of signalling and groups are in its memory.</summary>
public static class ServicesCommands
{
    /// <summary>Runs the verb of <paramref name="args"/>.</summary>
    /// <param name="args">Verb and options.</param>
    /// <param name="output">Takes the place of the standard output.</param>
    /// <param name="errors">Takes the place of the standard error.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null) =>
        ServerVerbs.RunAsync(args, rest => ServicesApplication.Create(rest), ConfigurationCheck.RunAsync, output, errors);
}

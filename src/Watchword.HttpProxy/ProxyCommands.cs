using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;

namespace Watchword.HttpProxy;

/// <summary>
/// The verbs of the executable: <c>run</c>, which is also meant where none is named, starts the proxy, <c>check-config</c> says
/// whether a start would work. Exit codes: 0 done, 1 the configuration is not valid, 2 unknown verb.
/// </summary>
public static class ProxyCommands
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int UnknownVerb = 2;

    /// <summary>Runs the verb of <paramref name="args"/>.</summary>
    /// <param name="args">Verb and options.</param>
    /// <param name="output">Takes the place of the standard output.</param>
    /// <param name="errors">Takes the place of the standard error.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? errors = null)
    {
        ArgumentNullException.ThrowIfNull(args);
        output ??= Console.Out;
        errors ??= Console.Error;
        bool isNamed = args is [{ } first, ..] && !first.StartsWith('-');
        string verb = isNamed ? args[0] : "run";
        string[] rest = isNamed ? args[1..] : args;
        // Tokens pass through its memory, and key sets of clients without transport keys.
        ProcessProtection.Apply();
        try
        {
            switch (verb)
            {
                case "run":
                    await using (WebApplication application = ProxyApplication.Create(rest))
                    {
                        await application.RunAsync();
                    }

                    return Done;
                case "check-config":
                    return await ConfigurationCheck.RunAsync(rest, output);
                default:
                    await errors.WriteLineAsync($"unknown verb {verb}: use run or check-config");
                    return UnknownVerb;
            }
        }
        catch (ProxyConfigurationException fault)
        {
            await errors.WriteLineAsync(fault.Message);
            return Failed;
        }
    }
}

using Microsoft.AspNetCore.Builder;

namespace Watchword.Hosting;

/// <summary>
/// The verbs of a server that has no others: <c>run</c>, which is also meant where none is named, starts it, <c>check-config</c> says
/// whether a start would work. Exit codes: 0 done, 1 the configuration is not valid, 2 unknown verb.
/// </summary>
public static class ServerVerbs
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int UnknownVerb = 2;

    /// <summary>Runs the verb of <paramref name="args"/>. What is in the memory of the process is kept from others first.</summary>
    /// <param name="args">Verb and options.</param>
    /// <param name="create">Builds the server of options.</param>
    /// <param name="check">Checks the configuration of options, prints, and gives the exit code.</param>
    /// <param name="output">Takes the place of the standard output.</param>
    /// <param name="errors">Takes the place of the standard error.</param>
    public static async Task<int> RunAsync(
        string[] args, Func<string[], WebApplication> create, Func<string[], TextWriter, Task<int>> check, TextWriter? output,
        TextWriter? errors)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(check);
        errors ??= Console.Error;
        bool isNamed = args is [{ } first, ..] && !first.StartsWith('-');
        string verb = isNamed ? args[0] : "run";
        string[] rest = isNamed ? args[1..] : args;
        ProcessProtection.Apply();
        try
        {
            switch (verb)
            {
                case "run":
                    await using (WebApplication application = create(rest))
                    {
                        await application.RunAsync();
                    }

                    return Done;
                case "check-config":
                    return await check(rest, output ?? Console.Out);
                default:
                    await errors.WriteLineAsync($"unknown verb {verb}: use run or check-config");
                    return UnknownVerb;
            }
        }
        catch (ServerConfigurationException fault)
        {
            await errors.WriteLineAsync(fault.Message);
            return Failed;
        }
    }
}

using Microsoft.Extensions.Options;
using Watchword.Hosting;
using Watchword.Idm.Server;
using Watchword.Idm.Server.Configuration;

// watchword-idm [run|init|check-config] [--Idm:Key=value ...]; configuration also comes from appsettings.json and the environment
// (Idm__Key).
string verb = args is [var first, ..] && !first.StartsWith('-') ? first : "run";
string[] rest = args is [var name, .. var others] && name == verb ? others : args;
// Passwords and signing keys are in its memory.
ProcessProtection.Apply();
try
{
    if (verb == "check-config")
    {
        return await ConfigurationCheck.RunAsync(rest, Console.Out);
    }

    await using WebApplication app = IdmApplication.Create(rest);
    switch (verb)
    {
        case "run":
            await app.RunAsync();
            return 0;
        case "init":
            FirstAdministratorCode? code = await IdmInitialization.RunAsync(app);
            Console.WriteLine(code is null
                ? "The data directory is initialised, and there is an administrator already."
                : $"One-time code of the first administrator, good until {code.ExpiresAt:u}: {code.Code}");
            return 0;
        default:
            await Console.Error.WriteLineAsync($"unknown verb '{verb}': use run, init or check-config");
            return 2;
    }
}
catch (OptionsValidationException faults)
{
    await Console.Error.WriteLineAsync("the configuration is not valid:" + Environment.NewLine
        + string.Join(Environment.NewLine, faults.Failures.Select(fault => "  " + fault)));
    return 1;
}
catch (IdmStartException refusal)
{
    await Console.Error.WriteLineAsync(refusal.Message);
    return 1;
}

using Watchword.Hosting;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server;

/// <summary>
/// The verbs of the executable: none starts the server, <c>init-domain</c> creates the security domain, <c>verify-audit</c>
/// verifies the audit log, <c>check-config</c> says whether a start would work. Exit codes: 0 done, 1 refused or failed with a
/// numbered error on standard error, 2 unknown verb.
/// </summary>
public static class KmsCommands
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int UnknownVerb = 2;

    /// <summary>Runs the verb of <paramref name="args"/>.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        string verb = args is [{ } first, ..] && !first.StartsWith('-') ? first : string.Empty;
        string[] rest = verb.Length == 0 ? args : args[1..];
        // Every verb has master secrets in its memory.
        ProcessProtection.Apply();
        try
        {
            switch (verb)
            {
                case "":
                    await using (WebApplication application = KmsApplication.Create(rest))
                    {
                        await application.RunAsync();
                    }

                    return Done;
                case "init-domain":
                    DomainRecord domain = await KmsInitialization.CreateDomainAsync(KmsInitializationOptions.Read(rest));
                    await Console.Out.WriteLineAsync($"created security domain {domain.KmsUri}, generation {domain.Generation}");
                    return Done;
                case "verify-audit":
                    AuditVerification verification = await KmsInitialization.VerifyAuditAsync(rest);
                    await Console.Out.WriteLineAsync(Describe(verification));
                    return Done;
                case "check-config":
                    return await ConfigurationCheck.RunAsync(rest, Console.Out);
                default:
                    await Console.Error.WriteLineAsync(
                        $"unknown verb {verb}: use init-domain, check-config or verify-audit, or none to start the server");
                    return UnknownVerb;
            }
        }
        catch (KmsException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Failed;
        }
    }

    private static string Describe(AuditVerification found) =>
        $"{found.Records} records verified, {found.OpenIntents.Count} intents without outcome, "
        + $"head {found.Head.Sequence} {Convert.ToHexStringLower(found.Head.Hash.Span)}";
}

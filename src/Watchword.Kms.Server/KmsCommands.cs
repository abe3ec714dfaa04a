using Watchword.Hosting;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Commands;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server;

/// <summary>
/// The verbs of the executable: none starts the server, <c>init-domain</c> creates the security domain, <c>verify-audit</c>
/// and <c>audit</c> are about the audit log, <c>custody</c>, <c>backup</c> and <c>restore</c> are about keys, <c>check-config</c>
/// says whether a start would work. Exit codes: 0 done, 1 refused or failed with a numbered error on standard error, 2 unknown
/// verb.
/// </summary>
public static class KmsCommands
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
        output ??= Console.Out;
        errors ??= Console.Error;
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
                    await output.WriteLineAsync($"created security domain {domain.KmsUri}, generation {domain.Generation}");
                    return Done;
                case "verify-audit":
                    (AuditVerification verification, string keys) = await KmsInitialization.VerifyAuditAsync(rest);
                    await output.WriteLineAsync(AuditCommands.Describe(verification, keys));
                    return Done;
                case "audit" when rest is [{ } act, ..]:
                    string? file = act == "verify" && rest.Length > 1 && !rest[1].StartsWith('-') ? rest[1] : null;
                    AuditCommands audit = new(new CommandLine(rest[(file is null ? 1 : 2)..]), output, TimeProvider.System);
                    if (await audit.RunAsync(act, file))
                    {
                        return Done;
                    }

                    await errors.WriteLineAsync($"unknown verb audit {act}: {AuditCommands.Usage}");
                    return UnknownVerb;
                case "custody" when rest is [{ } custodyAct, ..]:
                    CustodyCommands custody = new(new CommandLine(rest[1..]), output, TimeProvider.System);
                    if (await custody.RunAsync(custodyAct))
                    {
                        return Done;
                    }

                    await errors.WriteLineAsync($"unknown verb custody {custodyAct}: {CustodyCommands.Usage}");
                    return UnknownVerb;
                case "backup":
                    await new BackupCommands(new CommandLine(rest), output, TimeProvider.System).BackUpAsync();
                    return Done;
                case "restore":
                    await new BackupCommands(new CommandLine(rest), output, TimeProvider.System).RestoreAsync();
                    return Done;
                case "check-config":
                    return await ConfigurationCheck.RunAsync(rest, output);
                default:
                    await errors.WriteLineAsync(
                        $"unknown verb {verb}: use init-domain, check-config, verify-audit, audit, custody, backup or "
                        + "restore, or none to start the server");
                    return UnknownVerb;
            }
        }
        catch (KmsException fault)
        {
            await errors.WriteLineAsync(fault.Message);
            return Failed;
        }
    }
}

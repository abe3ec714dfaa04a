using Watchword.Hosting;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Configuration;

/// <summary>
/// The verb <c>check-config</c>: everything that a start checks, all of it at once, and nothing is changed. With <c>--ports</c>
/// also whether the ports are free, which they are not while the server runs.
/// </summary>
internal static class ConfigurationCheck
{
    private const string Section = "Kms:Custody";
    private const string Json = "--json";
    private const string Ports = "--ports";

    /// <summary>Checks the configuration that a server with these arguments would have, and prints what was found.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        WebApplicationBuilder builder = KmsApplication.CreateBuilder(
            [.. args.Where(argument => argument is not (Json or Ports))]);
        ConfigurationFaults faults = await FindAsync(builder.Configuration, args.Contains(Ports), TimeProvider.System);
        ProcessProtection.Describe(faults);
        return await ConfigurationReport.WriteAsync(faults, args.Contains(Json), output);
    }

    /// <summary>Everything that is wrong with a configuration and with the data that it names.</summary>
    public static async Task<ConfigurationFaults> FindAsync(IConfiguration configuration, bool ports, TimeProvider time)
    {
        ConfigurationFaults faults = new();
        KmsSettings settings = KmsSettings.Read(configuration, time.GetUtcNow(), faults);
        await CheckDataAsync(settings, time, faults);
        if (ports)
        {
            foreach (BindingAddress address in settings.Listen.Concat(settings.AssertedIdentity?.Listen ?? []).Concat(settings.Admin?.Listen ?? []))
            {
                HostingRules.CheckPort("Kms:Listen", address.Host, address.Port, faults);
            }

            if (settings.Telemetry.MetricsListener is { } metrics)
            {
                HostingRules.CheckPort("Telemetry:Metrics:Listen", metrics.Host, metrics.Port, faults);
            }
        }

        return faults;
    }

    /// <summary>Whether the domains would open; the option is the one that most likely is to be mended.</summary>
    private static async Task CheckDataAsync(KmsSettings settings, TimeProvider time, ConfigurationFaults faults)
    {
        foreach ((string option, string path) in settings.Custody.SecretFilesOf(Section))
        {
            HostingRules.CheckSecretFile(path, option, groupMayRead: false, faults);
        }

        if (!settings.IsCustodyUsable || settings.Data.IsUnnamed || !settings.Store.IsUsable || !settings.AreDomainsNamed)
        {
            return;
        }

        string custody = settings.Custody.OptionOf(Section);
        string store = settings.Store.IsFile ? "Kms:DataDirectory" : "Kms:Store";
        try
        {
            settings.Data.RequireOwnerOnly();
            if (await KmsStore.NeedsMigrationAsync(settings.Store.Database()))
            {
                faults.Warn(store, "holds a database of an older version, which the next start brings up to date",
                    "make a backup first");
                return;
            }

            if (settings.Custody.AsksForShares)
            {
                faults.Note(Section, "needs shares from the standard input, which this check does not ask for: what they open is not "
                    + "checked");
                return;
            }

            using OpenedDomains opened = await DomainOpening.OpenAsync(settings, time, instruments: null, CancellationToken.None);
            Describe(opened, custody, faults);
            if (settings.Custody.Previous is not null
                && (await opened.Custody.ListAsync()).Count(document => !document.IsCurrent) is > 0 and var left)
            {
                faults.Warn($"{Section}:Previous", $"is still the key of {left} custody documents", "run custody rewrap");
            }
        }
        catch (KmsException fault)
        {
            faults.Add(OptionOf(fault.Error, custody, store), ProblemOf(fault.Error), KmsErrorText.Of(fault.Error).NextStep);
        }
    }

    /// <summary>What does not stop a start, but an operator should know.</summary>
    private static void Describe(OpenedDomains opened, string custody, ConfigurationFaults faults)
    {
        foreach (string unserved in opened.Unserved)
        {
            faults.Warn("Kms:Domains", $"does not name {unserved}, which is in the store", "add it if it is to be served here");
        }

        foreach (DomainGeneration generation in opened.Installation.Issuers.SelectMany(issuer => issuer.Domain.Generations.All))
        {
            if (generation.Fault is { } fault)
            {
                faults.Warn(custody,
                    $"does not open generation {generation.Number} of {generation.Record.KmsUri}, {ProblemOf(fault.Error)}",
                    KmsErrorText.Of(fault.Error).NextStep);
            }
        }
    }

    private static string ProblemOf(KmsError error) => $"KMS {(int)error}, {KmsErrorText.Of(error).Cause}";

    private static string OptionOf(KmsError error, string custody, string store) => error switch
    {
        KmsError.SecretFileUnreadable or KmsError.KeyEncryptionKeyMalformed or KmsError.CustodyNotOpened
            or KmsError.KeyEncryptionKeyNotConfigured or KmsError.SharesMissing
            or (>= KmsError.ShareMalformed and <= KmsError.ShareParametersInvalid)
            or (>= KmsError.TokenUnavailable and <= KmsError.TokenFailed) => custody,
        KmsError.SecretFilePermissions => "Kms:DataDirectory",
        KmsError.DomainNotChosen => "Kms:Domains",
        _ => store,
    };
}

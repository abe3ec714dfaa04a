using Watchword.Hosting;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Configuration;

/// <summary>
/// The verb <c>check-config</c>: everything that a start checks, all of it at once, and nothing is changed. With <c>--ports</c>
/// also
/// whether the ports are free, which they are not while the server runs.
/// </summary>
internal static class ConfigurationCheck
{
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
            foreach (BindingAddress address in settings.Listen.Concat(settings.AssertedIdentity?.Listen ?? []))
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

    /// <summary>Whether the domain would open; the option is the one that most likely is to be mended.</summary>
    private static async Task CheckDataAsync(KmsSettings settings, TimeProvider time, ConfigurationFaults faults)
    {
        string? secret = settings.Custody.KeyEncryptionKeyFile ?? settings.Custody.PassphraseFile;
        string name = settings.Custody.KeyEncryptionKeyFile is null ? "PassphraseFile" : "KeyEncryptionKeyFile";
        if (secret is not null)
        {
            HostingRules.CheckSecretFile(secret, $"Kms:Custody:{name}", groupMayRead: false, faults);
        }

        if (secret is null || settings.Data.IsUnnamed)
        {
            return;
        }

        try
        {
            if (File.Exists(settings.Data.DatabasePath)
                && await SqliteKmsStore.NeedsMigrationAsync(settings.Data.DatabasePath, time))
            {
                settings.Data.RequireOwnerOnly();
                faults.Warn("Kms:DataDirectory", "holds a database of an older version, which the next start brings up to date",
                    "make a backup first");
                return;
            }

            (SqliteKmsStore store, SecurityDomain domain) = await DomainOpening.OpenAsync(settings, time, CancellationToken.None);
            domain.Dispose();
            store.Dispose();
        }
        catch (KmsException fault)
        {
            faults.Add(OptionOf(fault.Error, $"Kms:Custody:{name}"),
                $"KMS {(int)fault.Error}, {KmsErrorText.Of(fault.Error).Cause}",
                KmsErrorText.Of(fault.Error).NextStep);
        }
    }

    private static string OptionOf(KmsError error, string custody) =>
        error is KmsError.SecretFileUnreadable or KmsError.KeyEncryptionKeyMalformed or KmsError.CustodyNotOpened
            ? custody
            : "Kms:DataDirectory";
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Watchword.Hosting;
using Watchword.Idm.Server.Hosting;
using Watchword.Idm.Server.Keys;

namespace Watchword.Idm.Server.Configuration;

/// <summary>
/// The verb <c>check-config</c>: everything that a start checks, all of it at once, and nothing is changed. With <c>--ports</c>
/// also
/// whether the ports are free, which they are not while the server runs.
/// </summary>
internal static class ConfigurationCheck
{
    private const string Json = "--json";
    private const string Ports = "--ports";
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Checks the configuration that a server with these arguments would have, and prints what was found.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            [.. args.Where(argument => argument is not (Json or Ports))]);
        ConfigurationFaults faults = Find(builder.Configuration, args.Contains(Ports), TimeProvider.System);
        ProcessProtection.Describe(faults);
        return await ConfigurationReport.WriteAsync(faults, args.Contains(Json), output);
    }

    /// <summary>Everything that is wrong with a configuration and with the data that it names.</summary>
    public static ConfigurationFaults Find(IConfiguration configuration, bool ports, TimeProvider time)
    {
        ConfigurationFaults faults = new();
        IdmSettings settings = IdmSettings.Read(configuration, time.GetUtcNow(), faults);
        CheckData(settings.Options, time, faults);
        if (ports)
        {
            CheckPorts(settings, faults);
        }

        return faults;
    }

    private static void CheckPorts(IdmSettings settings, ConfigurationFaults faults)
    {
        foreach (string text in settings.Options.Listen)
        {
            if (ListenAddress.TryParse(text, out ListenAddress listen))
            {
                HostingRules.CheckPort("Idm:Listen", listen.Address?.ToString() ?? "localhost", listen.Port, faults);
            }
        }

        if (settings.Telemetry.MetricsListener is { } metrics)
        {
            HostingRules.CheckPort("Telemetry:Metrics:Listen", metrics.Host, metrics.Port, faults);
        }
    }

    private static void CheckData(IdmOptions options, TimeProvider time, ConfigurationFaults faults)
    {
        string? secret = options.Custody.KeyEncryptionKeyFile ?? options.Custody.PassphraseFile;
        string custody = "Idm:Custody:"
            + (options.Custody.KeyEncryptionKeyFile is null ? "PassphraseFile" : "KeyEncryptionKeyFile");
        if (secret is not null)
        {
            HostingRules.CheckSecretFile(secret, custody, groupMayRead: false, faults);
        }

        if (options.DataDirectory.Length == 0)
        {
            return;
        }

        string keys = Path.Combine(options.DataDirectory, SigningKeyRing.FileName);
        if (!File.Exists(Path.Combine(options.DataDirectory, StartCheck.DatabaseFileName)) || !File.Exists(keys))
        {
            faults.Add("Idm:DataDirectory", $"names {options.DataDirectory}, which was not initialised", "run the verb init");
        }
        else if (File.Exists(secret))
        {
            CheckKeys(options, keys, custody, time, faults);
        }
    }

    /// <summary>Opens a copy: a ring that is opened in its place may find that a new generation is due, and write it.</summary>
    private static void CheckKeys(IdmOptions options, string keys, string custody, TimeProvider time, ConfigurationFaults faults)
    {
        string copy = Directory.CreateTempSubdirectory("watchword-idm-check-").FullName;
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(copy, Owner);
            }

            File.Copy(keys, Path.Combine(copy, SigningKeyRing.FileName));
            IdmOptions copied = new()
            {
                DataDirectory = copy,
                Custody = options.Custody,
                SigningKeyLifetime = options.SigningKeyLifetime,
                SigningKeyAnnouncement = options.SigningKeyAnnouncement,
            };
            using SigningKeyRing ring = new(Options.Create(copied), time, NullLogger<SigningKeyRing>.Instance);
            _ = ring.Active;
        }
        catch (Exception fault) when (fault is IdmStartException or IOException or UnauthorizedAccessException)
        {
            faults.Add(custody, $"does not open the signing keys ({fault.Message.TrimEnd('.')})",
                "check that key-encryption key and data directory belong together");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}

using Microsoft.Extensions.Options;
using Watchword.Hosting;

namespace Watchword.Idm.Server.Configuration;

/// <summary>What is read and checked before the server is built.</summary>
internal sealed class IdmSettings
{
    /// <summary>The IdM server in telemetry.</summary>
    public static readonly ServerNames Names = new("watchword-idm", "Watchword.Idm", "watchword.idm");

    private const int MostDrainSeconds = 300;

    private IdmSettings(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults)
    {
        Options = OptionsReader.Read<IdmOptions>(configuration, IdmOptions.Section, faults);
        if (Options.Listen.Count == 0)
        {
            // Without an address of ours the framework would open one of its own, in clear.
            faults.Add("Idm:Listen", "names no address", "write https://ADDRESS:PORT");
        }

        if (Options.DrainSeconds is < 0 or > MostDrainSeconds)
        {
            faults.Add("Idm:DrainSeconds", $"is {Options.DrainSeconds}", $"write a number from 0 to {MostDrainSeconds}");
        }

        faults.AddLines(new IdmOptionsValidator().Validate(name: null, Options).Failures ?? []);
        string[] hosts = Uri.TryCreate(Options.Issuer, UriKind.Absolute, out Uri? issuer) ? [issuer.IdnHost] : [];
        Certificate = TlsCheck.Run(Options.Tls, "Idm:Tls", hosts, now, faults);
        Telemetry = TelemetrySettings.Read(configuration, faults);
        HostingRules.Check(configuration, [IdmOptions.Section], faults);
    }

    /// <summary>The section <c>Idm</c>.</summary>
    public IdmOptions Options { get; }

    /// <summary>Where metrics and traces go.</summary>
    public TelemetrySettings Telemetry { get; }

    /// <summary>What was read from the TLS files; null only where there was a fault.</summary>
    public ServerCertificate? Certificate { get; }

    /// <summary>For what every server of ours does.</summary>
    public HostingSettings Hosting => new(
        Names, Options.Tls, Certificate!, Telemetry, TimeSpan.FromSeconds(Options.DrainSeconds), Instance: null);

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="OptionsValidationException">With every fault.</exception>
    public static IdmSettings Read(IConfiguration configuration, TimeProvider? time)
    {
        ConfigurationFaults faults = new();
        IdmSettings settings = Read(configuration, (time ?? TimeProvider.System).GetUtcNow(), faults);
        return faults.Any
            ? throw new OptionsValidationException(
                IdmOptions.Section, typeof(IdmOptions),
                faults.Found.Where(fault => fault.Severity == FaultSeverity.Fault).Select(fault => fault.ToString()))
            : settings;
    }

    /// <summary>Reads the configuration and collects what is wrong; with a fault among it, the result is not to be
    /// used.</summary>
    public static IdmSettings Read(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults) =>
        new(configuration, now, faults);
}

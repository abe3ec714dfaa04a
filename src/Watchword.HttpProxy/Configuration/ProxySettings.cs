using System.Collections.Frozen;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>The checked, immutable configuration of a proxy.</summary>
public sealed class ProxySettings
{
    private const string Section = "Proxy";

    private ProxySettings(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults)
    {
        ProxyOptions options = OptionsReader.Read<ProxyOptions>(configuration, Section, faults);
        Listen = [.. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"Proxy:Listen:{i}", faults)).OfType<BindingAddress>()];
        if (options.Listen.Count == 0)
        {
            faults.Add("Proxy:Listen", "names no URL", "write https://ADDRESS:PORT");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, Section, Listen, faults)
            : null;
        UeCertificates = ReadUeAuthentication(options.UeAuthentication, faults);
        RouteReader reader = new(options, faults);
        Routes = reader.Read();
        IdmAuthorities = reader.Idm.ToFrozenSet(StringComparer.Ordinal);
        OwnAuthorities = reader.Own.ToFrozenSet(StringComparer.Ordinal);
        if (reader.Own.Overlaps(reader.Idm))
        {
            faults.Add("Proxy:PublicUrls", "has a URL of an IdM server", "give the proxy a name of its own");
        }

        Limits = new LimitSettings(options.Limits, faults);
        DrainTime = TimeSpan.FromSeconds(LimitSettings.Within(options.DrainSeconds, 0, 300, "DrainSeconds", faults, Section));
        InstanceName = options.InstanceName;
        Tls = options.Tls;
        Telemetry = TelemetrySettings.Read(configuration, faults);
        // The name that UEs are configured with; other public URLs may be those of the servers.
        Certificate = TlsCheck.Run(Tls, "Proxy:Tls", ServerNamesOf(options), now, faults);
        if (options.ClientCertificate is { } client)
        {
            ClientTls = new TlsOptions
            {
                CertificateFile = client.CertificateFile, KeyFile = client.KeyFile, PollSeconds = Tls.PollSeconds,
                ExpiryWarningDays = Tls.ExpiryWarningDays,
            };
            ClientCertificate = ClientCertificateCheck.Run(ClientTls, "Proxy:ClientCertificate", now, faults);
        }

        HostingRules.Check(configuration, [Section], faults);
    }

    internal IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>The listeners for network entities; null if there are none.</summary>
    internal AssertedIdentitySettings? AssertedIdentity { get; }

    /// <summary>The certificates of UEs; null if they need none.</summary>
    internal CertificateTrust? UeCertificates { get; }

    internal IReadOnlyList<RouteSettings> Routes { get; }

    internal FrozenSet<string> IdmAuthorities { get; }

    internal FrozenSet<string> OwnAuthorities { get; }

    internal LimitSettings Limits { get; }

    internal TimeSpan DrainTime { get; }

    internal string? InstanceName { get; }

    internal TlsOptions Tls { get; }

    /// <summary>What was read from the files; null only where there was a fault.</summary>
    internal ServerCertificate? Certificate { get; }

    /// <summary>The files of the client certificate; null for none.</summary>
    internal TlsOptions? ClientTls { get; }

    internal ServerCertificate? ClientCertificate { get; }

    internal TelemetrySettings Telemetry { get; }

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">All of it: sections that this server does not know are faults too.</param>
    /// <param name="time">The clock that judges certificates.</param>
    /// <exception cref="ServerConfigurationException">With every fault.</exception>
    public static ProxySettings Read(IConfiguration configuration, TimeProvider? time = null)
    {
        ConfigurationFaults faults = new();
        ProxySettings settings = Read(configuration, (time ?? TimeProvider.System).GetUtcNow(), faults);
        return faults.Any ? throw new ServerConfigurationException("the configuration is not valid: " + faults.Describe()) : settings;
    }

    /// <summary>Reads the configuration and collects what is wrong; with a fault among it, the result is not to be
    /// used.</summary>
    internal static ProxySettings Read(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults) =>
        new(configuration, now, faults);

    private static string[] ServerNamesOf(ProxyOptions options) =>
        options.PublicUrls.Select(url => Authority.TryReadUrl(url, out _, out Uri? read) ? read.IdnHost : null).OfType<string>()
            .Take(1).ToArray();

    private static CertificateTrust? ReadUeAuthentication(UeAuthenticationOptions options, ConfigurationFaults faults)
    {
        const string Here = "Proxy:UeAuthentication";
        switch (options.Method)
        {
            case UeAuthenticationMethod.MutualCertificate:
                return new CertificateTrust(options.CaFile, options.Thumbprints, Here, faults);
            case UeAuthenticationMethod.PreSharedKey:
                faults.Add($"{Here}:Method", "is PreSharedKey, which the TLS of .NET does not have",
                    "write ServerCertificate or MutualCertificate (TS 33.180 6.1.2 allows either)");
                return null;
            default:
                if (options.CaFile is not null || options.Thumbprints.Count > 0)
                {
                    faults.Add(Here, "names certificates that nobody is asked for", "write Method MutualCertificate, or leave them out");
                }

                return null;
        }
    }
}

using System.Globalization;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Sip;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The checked, immutable configuration of the services.</summary>
public sealed class ServicesSettings
{
    internal const string AuthorizationSection = "Authorization";
    private const string Section = "Services";
    private const int LongestDrain = 300;

    private ServicesSettings(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults)
    {
        ServicesOptions options = OptionsReader.Read<ServicesOptions>(configuration, Section, faults);
        Directory = new StateDirectory(options.DataDirectory, HostingRules.IsLab(configuration));
        Directory.Check(faults);
        Listen =
        [
            .. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"Services:Listen:{i}", faults)).OfType<BindingAddress>(),
        ];
        if (options.Listen.Count == 0)
        {
            faults.Add("Services:Listen", "names no URL", "write https://ADDRESS:PORT");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, Section, Listen, faults)
            : null;
        Store = new DatabaseSettings(options.Store, options.DataDirectory, faults);
        Configuration = ConfigurationManagementSettings.Read(options.Configuration, faults);
        Groups = GroupManagementSettings.Read(options.Groups, faults);
        ServiceSettings? mcx = ServiceSettings.Read(options.Mcx, McResource.Service, McxOptions.Section, faults);
        Mcx = mcx is null ? null : McxSettings.Check(options.Mcx, faults) with { HostsProfiles = Configuration is not null };
        Enabled = [.. new[] { Configuration, Groups, mcx }.OfType<ServiceSettings>()];
        bool needsSip = mcx is not null || (Configuration?.SubscriptionUri ?? Groups?.SubscriptionUri) is not null;
        Sip = needsSip || options.Sip is not null ? SipSettings.Check(options.Sip ?? new SipOptions(), faults) : null;
        CheckTogether(faults);
        if (Enabled.Count == 0)
        {
            faults.Add(Section, "has no service switched on", "write Services:Configuration:Enabled true, or another of Groups, Mcx");
        }

        bool canNotify = options.Sip is { Core.Length: > 0 };
        if (!canNotify && (Configuration?.SubscriptionUri ?? Groups?.SubscriptionUri) is not null)
        {
            faults.Add("Services:Sip:Core", "is empty", "name the SIP core: notifications of subscriptions go through it");
        }

        faults.AddLines(OptionsReader.Read<ResourceServerOptions>(configuration, AuthorizationSection, faults).FindFaults());
        DrainTime = TimeSpan.FromSeconds(Math.Clamp(options.DrainSeconds, 0, LongestDrain));
        if (options.DrainSeconds is < 0 or > LongestDrain)
        {
            faults.Add(
                "Services:DrainSeconds", string.Create(CultureInfo.InvariantCulture, $"is not between 0 and {LongestDrain}"),
                "write a number within");
        }

        InstanceName = options.InstanceName;
        Tls = options.Tls;
        Telemetry = TelemetrySettings.Read(configuration, faults);
        string[] hosts = [.. new XcapServiceSettings?[] { Configuration, Groups }.OfType<XcapServiceSettings>().Select(service => service.XcapRoot.IdnHost)];
        Certificate = TlsCheck.Run(Tls, "Services:Tls", [.. hosts.Where(host => host.Length > 0).Distinct()], now, faults);
        HostingRules.Check(configuration, [Section, AuthorizationSection], faults);
    }

    internal StateDirectory Directory { get; }

    internal IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>The listeners for network entities; null if there are none.</summary>
    internal AssertedIdentitySettings? AssertedIdentity { get; }

    internal DatabaseSettings Store { get; }

    /// <summary>The configuration management server; null if it is off.</summary>
    internal ConfigurationManagementSettings? Configuration { get; }

    /// <summary>The group management server; null if it is off.</summary>
    internal GroupManagementSettings? Groups { get; }

    /// <summary>Where and with whom SIP is spoken; null if it is not.</summary>
    internal SipSettings? Sip { get; }

    /// <summary>The services that are switched on.</summary>
    internal IReadOnlyList<ServiceSettings> Enabled { get; }

    /// <summary>The MCX server; null if it is off.</summary>
    internal McxSettings? Mcx { get; }

    internal TimeSpan DrainTime { get; }

    internal string? InstanceName { get; }

    internal TlsOptions Tls { get; }

    /// <summary>What was read from the files; null only where there was a fault.</summary>
    internal ServerCertificate? Certificate { get; }

    internal TelemetrySettings Telemetry { get; }

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">All of it: sections that this server does not know are faults too.</param>
    /// <param name="time">The clock that judges certificates.</param>
    /// <exception cref="ServerConfigurationException">With every fault.</exception>
    public static ServicesSettings Read(IConfiguration configuration, TimeProvider? time = null)
    {
        ConfigurationFaults faults = new();
        ServicesSettings settings = Read(configuration, (time ?? TimeProvider.System).GetUtcNow(), faults);
        return faults.Any ? throw new ServerConfigurationException("the configuration is not valid: " + faults.Describe()) : settings;
    }

    /// <summary>Reads the configuration and collects what is wrong; with a fault among it, the result is not to be used.</summary>
    internal static ServicesSettings Read(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults) =>
        new(configuration, now, faults);

    /// <summary>What the services must not share.</summary>
    private void CheckTogether(ConfigurationFaults faults)
    {
        if (Enabled.Select(service => service.Audience).Distinct(StringComparer.Ordinal).Count() < Enabled.Count)
        {
            faults.Add(Section, "gives two services one Audience", "name each by itself: a token for one must open nothing at another");
        }

        if (Configuration is { } one && Groups is { } other && one.Path == other.Path)
        {
            faults.Add("Services:Groups:XcapRoot", "has the path of Services:Configuration:XcapRoot", "give each a path of its own");
        }

        if (Configuration?.SubscriptionUri is { } uri && Groups?.SubscriptionUri?.IsEquivalentTo(uri) == true)
        {
            faults.Add("Services:Groups:SubscriptionUri", "is that of Services:Configuration", "give each a URI of its own");
        }
    }
}

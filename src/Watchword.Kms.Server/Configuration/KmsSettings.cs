using System.Collections.Frozen;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Kms.Server.Administration;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked, immutable configuration of a KMS.</summary>
public sealed class KmsSettings
{
    private KmsSettings(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults)
    {
        KmsOptions options = OptionsReader.Read<KmsOptions>(configuration, "Kms", faults);
        if (options.DataDirectory.Length == 0)
        {
            faults.Add("Kms:DataDirectory", "is missing", "name the directory that init-domain made");
        }

        IsCustodyUsable = options.Custody.Check("Kms:Custody", faults);
        Data = new DataDirectory(options.DataDirectory);
        Store = new StoreSettings(options.Store, Data, faults);
        Custody = options.Custody;
        Listen = [.. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"Kms:Listen:{i}", faults)).OfType<BindingAddress>()];
        if (options.Listen.Count == 0)
        {
            faults.Add("Kms:Listen", "names no URL", "write https://ADDRESS:PORT");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, "Kms", Listen, faults)
            : null;

        ResourceServerOptions authorization = OptionsReader.Read<ResourceServerOptions>(configuration, "Authorization", faults);
        faults.AddLines(authorization.FindFaults());
        Domains = DomainSettings.ReadAll(options, IssuersOf(authorization, options.AssertedIdentity), faults);
        Admin = options.Admin is { } admin
            ? new AdminSettings(
                admin, [.. Listen, .. AssertedIdentity?.Listen ?? []], authorization, now, faults)
            : null;
        RequestTimeSkew = TimeSpan.FromSeconds(
            Within(options.RequestTimeSkewSeconds, 1, 3600, "Kms:RequestTimeSkewSeconds", faults));
        RequestsPerMinute = (int)Within(options.RequestsPerMinute, 0, 1_000_000, "Kms:RequestsPerMinute", faults);
        Audit = new AuditSettings(options.Audit, Data, faults);
        Partners = new PartnerSettings(options.Partners, faults);
        Preparation = PreparationOptions.Read(options.Preparation, faults);
        Profiles = new ProfileSettings(options.Profiles, faults);
        Shadow = ShadowSettings.Read(options.Shadow, faults);
        InstanceName = options.KmsId;
        IsLab = HostingRules.IsLab(configuration);
        DrainTime = TimeSpan.FromSeconds(Within(options.DrainSeconds, 0, 300, "Kms:DrainSeconds", faults));
        Tls = options.Tls;
        Telemetry = TelemetrySettings.Read(configuration, faults);
        Certificate = TlsCheck.Run(
            Tls, "Kms:Tls", [.. Domains.SelectMany(domain => domain.PublicBaseUrls).Select(url => url.IdnHost)], now, faults);
        HostingRules.Check(configuration, ["Kms", "Authorization", "InitDomain"], faults);
    }

    /// <summary>True if data that the lab made may be served.</summary>
    public bool IsLab { get; }

    /// <summary>The security domains to be served; at least one.</summary>
    public IReadOnlyList<DomainSettings> Domains { get; }

    /// <summary>Where there is no Kms:Domains: the section Kms as the configuration of the only domain of the store.</summary>
    internal DomainSettings? OnlyDomain => Domains is [{ KmsUri: null } only] ? only : null;

    /// <summary>False if a domain of Kms:Domains has no name of its own, which is a fault already.</summary>
    internal bool AreDomainsNamed => OnlyDomain is not null
        || (Domains.All(domain => domain.KmsUri is { Length: > 0 })
            && Domains.DistinctBy(domain => domain.KmsUri).Count() == Domains.Count);

    /// <summary>How far Time of a KmsRequest may be from the clock.</summary>
    public TimeSpan RequestTimeSkew { get; }

    /// <summary>Most requests of one requester in a minute; 0 for no limit.</summary>
    public int RequestsPerMinute { get; }

    /// <summary>When checkpoints of the audit log are signed.</summary>
    public AuditSettings Audit { get; }

    /// <summary>How partner domains are handled.</summary>
    public PartnerSettings Partners { get; }

    /// <summary>How keys are made ahead; null if they are not.</summary>
    internal PreparationSettings? Preparation { get; }

    /// <summary>Which client is served under which profile.</summary>
    internal ProfileSettings Profiles { get; }

    /// <summary>The rules that only count what they would refuse.</summary>
    internal FrozenSet<StrictRule> Shadow { get; }

    /// <summary>Name of this instance in telemetry; null for none.</summary>
    internal string? InstanceName { get; }

    internal DataDirectory Data { get; }

    internal StoreSettings Store { get; }

    internal CustodyOptions Custody { get; }

    /// <summary>True if custody names one key-encryption key.</summary>
    internal bool IsCustodyUsable { get; }

    internal IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>The listeners for asserted identities; null if there are none.</summary>
    internal AssertedIdentitySettings? AssertedIdentity { get; }

    /// <summary>The admin API; null if there is none.</summary>
    internal AdminSettings? Admin { get; }

    /// <summary>The files of the server's certificate.</summary>
    internal TlsOptions Tls { get; }

    /// <summary>What was read from them; null only where there was a fault.</summary>
    internal ServerCertificate? Certificate { get; }

    /// <summary>Where metrics and traces go.</summary>
    internal TelemetrySettings Telemetry { get; }

    /// <summary>How long the KMS listens on after it was told to stop.</summary>
    internal TimeSpan DrainTime { get; }

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">All of it: sections that this server does not know are faults too.</param>
    /// <param name="time">The clock that judges the TLS certificate.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> with every fault.</exception>
    public static KmsSettings Read(IConfiguration configuration, TimeProvider? time = null)
    {
        ConfigurationFaults faults = new();
        KmsSettings settings = Read(configuration, (time ?? TimeProvider.System).GetUtcNow(), faults);
        return faults.Any ? throw new KmsException(KmsError.ConfigurationInvalid, faults.Describe()) : settings;
    }

    /// <summary>Reads the configuration and collects what is wrong; with a fault among it, the result is not to be
    /// used.</summary>
    internal static KmsSettings Read(IConfiguration configuration, DateTimeOffset now, ConfigurationFaults faults) =>
        new(configuration, now, faults);

    internal static double Within(double value, double least, double most, string name, ConfigurationFaults faults)
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        faults.Add(name, $"is not between {least} and {most}", "write a number within");
        return least;
    }

    private static HashSet<string> IssuersOf(ResourceServerOptions authorization, AssertedIdentityOptions? asserted) =>
    [
        .. authorization.Issuers.Select(issuer => issuer.Issuer),
        .. asserted?.Peers.Select(peer => AssertedEntity.IssuerOf(peer.Thumbprint)) ?? [],
    ];
}

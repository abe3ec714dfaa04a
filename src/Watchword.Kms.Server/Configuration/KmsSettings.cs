using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.KeyManagement;

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

        if ((options.Custody.KeyEncryptionKeyFile is null) == (options.Custody.PassphraseFile is null))
        {
            faults.Add("Kms:Custody", "names none or both of KeyEncryptionKeyFile and PassphraseFile",
                "name the one that opens the data");
        }

        Data = new DataDirectory(options.DataDirectory);
        Custody = options.Custody;
        PublicBaseUrl = CheckPublicUrl(options.PublicBaseUrl, faults);
        Listen = [.. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"Kms:Listen:{i}", faults)).OfType<BindingAddress>()];
        if (options.Listen.Count == 0)
        {
            faults.Add("Kms:Listen", "names no URL", "write https://ADDRESS:PORT");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, Listen, faults)
            : null;

        Policy = CheckPolicy(options, faults);
        RequestTimeSkew = TimeSpan.FromSeconds(
            Within(options.RequestTimeSkewSeconds, 1, 3600, "Kms:RequestTimeSkewSeconds", faults));
        FullCheckRate = Within(options.FullCheckRate, 0, 1, "Kms:FullCheckRate", faults);
        RequestsPerMinute = (int)Within(options.RequestsPerMinute, 0, 1_000_000, "Kms:RequestsPerMinute", faults);
        Xml = new AnnexDOptions { UserIdEncoding = options.UserIdEncoding };
        KmsId = options.KmsId;
        IsLab = HostingRules.IsLab(configuration);
        DrainTime = TimeSpan.FromSeconds(Within(options.DrainSeconds, 0, 300, "Kms:DrainSeconds", faults));
        Tls = options.Tls;
        Telemetry = TelemetrySettings.Read(configuration, faults);
        Certificate = TlsCheck.Run(Tls, "Kms:Tls", PublicHost(options.PublicBaseUrl), now, faults);
        CheckOthers(configuration, faults);
    }

    /// <summary>True if data that the lab made may be served.</summary>
    public bool IsLab { get; }

    /// <summary>The https URL of this KMS without path; port 0 stands for the port that is listened on.</summary>
    public Uri PublicBaseUrl { get; }

    /// <summary>Which key periods may be asked for.</summary>
    public KeyPeriodPolicy Policy { get; }

    /// <summary>How far Time of a KmsRequest may be from the clock.</summary>
    public TimeSpan RequestTimeSkew { get; }

    /// <summary>Share of key sets that are validated as the client does it.</summary>
    public double FullCheckRate { get; }

    /// <summary>Most requests of one requester in a minute; 0 for no limit.</summary>
    public int RequestsPerMinute { get; }

    /// <summary>How answers are written.</summary>
    public AnnexDOptions Xml { get; }

    /// <summary>Names this instance in answers.</summary>
    public string? KmsId { get; }

    internal DataDirectory Data { get; }

    internal CustodyOptions Custody { get; }

    internal IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>The listeners for asserted identities; null if there are none.</summary>
    internal AssertedIdentitySettings? AssertedIdentity { get; }

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

    private static Uri CheckPublicUrl(string text, ConfigurationFaults faults)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            && url.UserInfo.Length == 0)
        {
            return url;
        }

        faults.Add("Kms:PublicBaseUrl", "is not an https URL without path", "write https://HOST[:PORT] as clients know it");
        return new Uri("https://localhost");
    }

    /// <summary>The host that the certificate has to be for; null if the URL is none, which is a fault already.</summary>
    private static string? PublicHost(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? url.IdnHost : null;

    private static void CheckOthers(IConfiguration configuration, ConfigurationFaults faults)
    {
        HostingRules.Check(configuration, ["Kms", "Authorization", "InitDomain"], faults);
        faults.AddLines(OptionsReader.Read<ResourceServerOptions>(configuration, "Authorization", faults).FindFaults());
    }

    private static KeyPeriodPolicy CheckPolicy(KmsOptions options, ConfigurationFaults faults) => new(
        Within(options.OpeningWindowFraction, 0, 1, "Kms:OpeningWindowFraction", faults),
        (int)Within(options.HistoryPeriods, 0, 1000, "Kms:HistoryPeriods", faults));

    private static double Within(double value, double least, double most, string name, ConfigurationFaults faults)
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        faults.Add(name, $"is not between {least} and {most}", "write a number within");
        return least;
    }
}

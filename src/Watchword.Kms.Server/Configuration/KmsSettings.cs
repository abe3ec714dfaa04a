using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked, immutable configuration of a KMS.</summary>
public sealed class KmsSettings
{
    private KmsSettings(KmsOptions options, bool isLab, List<string> faults)
    {
        if (options.DataDirectory.Length == 0)
        {
            faults.Add("Kms:DataDirectory is missing");
        }

        options.Custody.Check("Kms:Custody", faults);
        Data = new DataDirectory(options.DataDirectory);
        Store = new StoreSettings(options.Store, Data, faults);
        Custody = options.Custody;
        PublicBaseUrl = CheckPublicUrl(options.PublicBaseUrl, faults);
        Listen = [.. options.Listen.Select(url => ListenUrl.Parse(url, "Kms:Listen", faults)).OfType<BindingAddress>()];
        if (options.Listen.Count == 0)
        {
            faults.Add("Kms:Listen names no URL");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, Listen, faults)
            : null;

        CertificateChain = LoadCertificates(options.Tls, faults);
        Policy = CheckPolicy(options, faults);
        RequestTimeSkew = TimeSpan.FromSeconds(
            Within(options.RequestTimeSkewSeconds, 1, 3600, "Kms:RequestTimeSkewSeconds", faults));
        FullCheckRate = Within(options.FullCheckRate, 0, 1, "Kms:FullCheckRate", faults);
        RequestsPerMinute = (int)Within(options.RequestsPerMinute, 0, 1_000_000, "Kms:RequestsPerMinute", faults);
        Xml = new AnnexDOptions { UserIdEncoding = options.UserIdEncoding };
        KmsId = options.KmsId;
        IsLab = isLab;
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

    internal StoreSettings Store { get; }

    internal CustodyOptions Custody { get; }

    internal IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>The listeners for asserted identities; null if there are none.</summary>
    internal AssertedIdentitySettings? AssertedIdentity { get; }

    /// <summary>The server's certificate with its key, then the intermediates.</summary>
    internal X509Certificate2Collection CertificateChain { get; }

    /// <summary>Reads the sections <c>Kms</c> and <c>Lab</c>.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ConfigurationInvalid"/> with every fault.</exception>
    public static KmsSettings Read(IConfiguration configuration)
    {
        KmsOptions options = new();
        List<string> faults = [];
        try
        {
            // A misspelt key would otherwise silently leave a rule at its default.
            configuration.GetSection("Kms").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException fault)
        {
            throw new KmsException(KmsError.ConfigurationInvalid, fault.Message, fault);
        }

        bool isLab = configuration["Lab:Enabled"] is { } text && bool.TryParse(text, out bool enabled) && enabled;
        KmsSettings settings = new(options, isLab, faults);
        return faults.Count == 0 ? settings : throw new KmsException(KmsError.ConfigurationInvalid, string.Join("; ", faults));
    }

    private static Uri CheckPublicUrl(string text, List<string> faults)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            && url.UserInfo.Length == 0)
        {
            return url;
        }

        faults.Add("Kms:PublicBaseUrl is not an https URL without path");
        return new Uri("https://localhost");
    }

    private static KeyPeriodPolicy CheckPolicy(KmsOptions options, List<string> faults) => new(
        Within(options.OpeningWindowFraction, 0, 1, "Kms:OpeningWindowFraction", faults),
        (int)Within(options.HistoryPeriods, 0, 1000, "Kms:HistoryPeriods", faults));

    private static double Within(double value, double least, double most, string name, List<string> faults)
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        faults.Add($"{name} is not between {least} and {most}");
        return least;
    }

    private static X509Certificate2Collection LoadCertificates(TlsOptions tls, List<string> faults)
    {
        X509Certificate2Collection chain = [];
        try
        {
            chain.ImportFromPemFile(tls.CertificateFile);
            X509Certificate2 leaf = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
            chain[0].Dispose();
            chain[0] = leaf;
        }
        catch (Exception fault) when (
            fault is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add($"Kms:Tls:CertificateFile and KeyFile are not a certificate and its key in PEM ({fault.GetType().Name})");
        }

        return chain;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked, immutable configuration of a KMS.</summary>
public sealed class KmsSettings
{
    private KmsSettings(KmsOptions options, IEnumerable<string> issuers, bool isLab, List<string> faults)
    {
        if (options.DataDirectory.Length == 0)
        {
            faults.Add("Kms:DataDirectory is missing");
        }

        options.Custody.Check("Kms:Custody", faults);
        Data = new DataDirectory(options.DataDirectory);
        Store = new StoreSettings(options.Store, Data, faults);
        Custody = options.Custody;
        Listen = [.. options.Listen.Select(url => ListenUrl.Parse(url, "Kms:Listen", faults)).OfType<BindingAddress>()];
        if (options.Listen.Count == 0)
        {
            faults.Add("Kms:Listen names no URL");
        }

        AssertedIdentity = options.AssertedIdentity is { } asserted
            ? new AssertedIdentitySettings(asserted, Listen, faults)
            : null;

        CertificateChain = LoadCertificates(options.Tls, faults);
        Domains = DomainSettings.ReadAll(
            options,
            issuers.Concat(options.AssertedIdentity?.Peers.Select(peer => AssertedEntity.IssuerOf(peer.Thumbprint)) ?? [])
                .ToHashSet(StringComparer.Ordinal),
            faults);
        RequestTimeSkew = TimeSpan.FromSeconds(
            Within(options.RequestTimeSkewSeconds, 1, 3600, "Kms:RequestTimeSkewSeconds", faults));
        RequestsPerMinute = (int)Within(options.RequestsPerMinute, 0, 1_000_000, "Kms:RequestsPerMinute", faults);
        IsLab = isLab;
    }

    /// <summary>True if data that the lab made may be served.</summary>
    public bool IsLab { get; }

    /// <summary>The security domains to be served; at least one.</summary>
    public IReadOnlyList<DomainSettings> Domains { get; }

    /// <summary>How far Time of a KmsRequest may be from the clock.</summary>
    public TimeSpan RequestTimeSkew { get; }

    /// <summary>Most requests of one requester in a minute; 0 for no limit.</summary>
    public int RequestsPerMinute { get; }

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
        string[] issuers = [.. configuration.GetSection("Authorization:Issuers").GetChildren()
            .Select(issuer => issuer["Issuer"]).OfType<string>()];
        KmsSettings settings = new(options, issuers, isLab, faults);
        return faults.Count == 0 ? settings : throw new KmsException(KmsError.ConfigurationInvalid, string.Join("; ", faults));
    }

    internal static double Within(double value, double least, double most, string name, List<string> faults)
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

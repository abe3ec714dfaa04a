using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Administration;

/// <summary>The checked, immutable configuration of the admin API.</summary>
internal sealed class AdminSettings
{
    public const string Section = "Kms:Admin";

    private readonly FrozenSet<string> _clientCertificates;

    public AdminSettings(
        AdminOptions options, IReadOnlyList<BindingAddress> others, ResourceServerOptions authorization, DateTimeOffset now,
        ConfigurationFaults faults)
    {
        Listen =
        [
            .. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"{Section}:Listen:{i}", faults)).OfType<BindingAddress>(),
        ];
        if (options.Listen.Count == 0)
        {
            faults.Add($"{Section}:Listen", "names no URL", "write https://ADDRESS:PORT, or remove the section");
        }

        if (Listen.FirstOrDefault(address => others.Any(other => ListenUrl.Overlap(address, other))) is { } shared)
        {
            faults.Add($"{Section}:Listen", $"has {shared}, which overlaps with another listener",
                "give it a port or an address of its own");
        }

        Audience = options.Audience;
        if (Audience.Length == 0 || Audience == authorization.Audience)
        {
            faults.Add($"{Section}:Audience", "is missing, or that of the client interface",
                "write another name, which the IdM server puts into tokens of administrators only");
        }

        Issuers = options.Issuers.ToFrozenSet(StringComparer.Ordinal);
        if (Issuers.Count == 0 || Issuers.Any(issuer => !authorization.Issuers.Exists(known => known.Issuer == issuer)))
        {
            faults.Add($"{Section}:Issuers", "names none, or one that is not in Authorization:Issuers",
                "write Issuer of those IdM servers whose administrators are accepted, octet by octet");
        }

        _clientCertificates = options.ClientCertificates.Select(text => text.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal);
        if (_clientCertificates.Any(text => text.Length != 2 * SHA256.HashSizeInBytes || !text.All(char.IsAsciiHexDigit)))
        {
            faults.Add($"{Section}:ClientCertificates", "has what is no SHA-256 in 64 hexadecimal digits",
                "hash the certificate in DER");
        }

        Tls = options.Tls;
        if (Tls is not null)
        {
            Certificate = TlsCheck.Run(Tls, $"{Section}:Tls", [], now, faults);
        }

        AllowCombinedRoles = options.AllowCombinedRoles;
        RequestsPerMinute = (int)KmsSettings.Within(
            options.RequestsPerMinute, 1, 10_000, $"{Section}:RequestsPerMinute", faults);
    }

    public IReadOnlyList<BindingAddress> Listen { get; }

    public string Audience { get; }

    public IReadOnlySet<string> Issuers { get; }

    /// <summary>The files of a certificate of its own; null for that of the client interface.</summary>
    public TlsOptions? Tls { get; }

    /// <summary>What was read from them.</summary>
    public ServerCertificate? Certificate { get; }

    public bool AllowCombinedRoles { get; }

    public int RequestsPerMinute { get; }

    /// <summary>True if a client certificate is asked for.</summary>
    public bool NeedsClientCertificate => _clientCertificates.Count > 0;

    /// <summary>True if a client with this certificate may connect: it is a pinned one and within its validity.</summary>
    public bool MayConnect(X509Certificate2 certificate, DateTimeOffset now) =>
        now >= new DateTimeOffset(certificate.NotBefore)
        && now <= new DateTimeOffset(certificate.NotAfter)
        && _clientCertificates.Contains(Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)));
}

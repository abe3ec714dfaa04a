using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Hosting;

/// <summary>Everything that can be wrong with the TLS files of a server, found before it listens.</summary>
public static class TlsCheck
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string AnyUsage = "2.5.29.37.0";
    private const int LeastRsaBits = 2048;

    /// <summary>
    /// Reads and judges the files of <paramref name="options"/>; null if they are no pair.
    /// </summary>
    /// <param name="options">The files.</param>
    /// <param name="section">Name of the section, <c>Kms:Tls</c>.</param>
    /// <param name="publicHosts">Hosts of the public URLs, each of which the certificate must be for unless another name is
    /// configured.</param>
    /// <param name="now">The time.</param>
    /// <param name="faults">Where findings go.</param>
    public static ServerCertificate? Run(
        TlsOptions options, string section, IReadOnlyCollection<string> publicHosts, DateTimeOffset now,
        ConfigurationFaults faults)
    {
        CheckNumber(options.PollSeconds, 1, 3600, $"{section}:PollSeconds", faults);
        CheckNumber(options.ExpiryWarningDays, 0, 365, $"{section}:ExpiryWarningDays", faults);
        if (!IsNamed(options.CertificateFile, $"{section}:CertificateFile", faults)
            | !IsNamed(options.KeyFile, $"{section}:KeyFile", faults))
        {
            return null;
        }

        HostingRules.CheckSecretFile(options.KeyFile, $"{section}:KeyFile", groupMayRead: true, faults);
        ServerCertificate? certificate = ServerCertificate.Read(options, out TlsFault fault);
        if (certificate is null)
        {
            faults.Add($"{section}:CertificateFile", $"and KeyFile cannot be used ({fault})",
                "name a certificate in PEM, intermediates behind it, and the private key of that certificate in PEM");
            return null;
        }

        CheckTime(certificate, options, section, now, faults);
        foreach (string name in options.ServerName is { } own ? [own] : publicHosts)
        {
            CheckName(certificate, name, section, faults);
        }

        CheckUsage(certificate.Leaf, section, faults);
        CheckChain(certificate, section, faults);
        return certificate;
    }

    private static void CheckNumber(int value, int least, int most, string option, ConfigurationFaults faults)
    {
        if (value < least || value > most)
        {
            faults.Add(option, $"is {value}", $"write a number from {least} to {most}");
        }
    }

    private static bool IsNamed(string file, string option, ConfigurationFaults faults)
    {
        if (file.Length > 0)
        {
            return true;
        }

        faults.Add(option, "is missing", "name a PEM file");
        return false;
    }

    private static void CheckTime(
        ServerCertificate certificate, TlsOptions options, string section, DateTimeOffset now, ConfigurationFaults faults)
    {
        string option = $"{section}:CertificateFile";
        switch (certificate.JudgeTime(now))
        {
            case TlsFault.NotYetValid:
                faults.Add(option, $"is valid only from {Iso(certificate.NotBefore)}", "wait, mend the clock, or take another");
                break;
            case TlsFault.Expired:
                faults.Add(option, $"has expired on {Iso(certificate.NotAfter)}", "have it renewed");
                break;
            case TlsFault.None when certificate.NotAfter - now < TimeSpan.FromDays(options.ExpiryWarningDays):
                faults.Warn(option, $"expires on {Iso(certificate.NotAfter)}", "have it renewed; a running server takes it over");
                break;
        }
    }

    private static void CheckName(ServerCertificate certificate, string name, string section, ConfigurationFaults faults)
    {
        // Clients compare the name that they connect to with the subject alternative names (RFC 9525); a common name alone is
        // none.
        if (!certificate.Leaf.MatchesHostname(name.Trim('[', ']'), allowCommonName: false))
        {
            faults.Add($"{section}:CertificateFile", $"is not for {name}",
                "take a certificate with that subject alternative name, or write the name that peers connect to in "
                + $"{section}:ServerName");
        }
    }

    private static void CheckUsage(X509Certificate2 leaf, string section, ConfigurationFaults faults)
    {
        string option = $"{section}:CertificateFile";
        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>()
                .Any(oid => oid.Value is ServerAuthentication or AnyUsage))
        {
            faults.Add(option, "may not be used by a server (extended key usage)", "take one with serverAuth");
        }

        using System.Security.Cryptography.RSA? rsa = leaf.GetRSAPublicKey();
        if (rsa?.KeySize < LeastRsaBits)
        {
            faults.Add(option, $"has an RSA key of {rsa.KeySize} bits", $"take one of {LeastRsaBits} bits or more, or ECDSA");
        }
    }

    /// <summary>What is sent must lead from the server's certificate upwards; the root need not be known on this
    /// machine.</summary>
    private static void CheckChain(ServerCertificate certificate, string section, ConfigurationFaults faults)
    {
        if (certificate.Others.Count == 0)
        {
            return;
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags =
            X509VerificationFlags.AllowUnknownCertificateAuthority | X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.ExtraStore.AddRange(certificate.Others);
        chain.ChainPolicy.CustomTrustStore.AddRange(certificate.Others);
        chain.Build(certificate.Leaf);
        HashSet<string> used = [.. chain.ChainElements.Select(element => element.Certificate.Thumbprint)];
        foreach (X509Certificate2 other in certificate.Others.Where(other => !used.Contains(other.Thumbprint)))
        {
            faults.Add($"{section}:CertificateFile",
                $"holds a certificate that is not in the chain of the first ({other.Subject})",
                "write the server's certificate first, then what issued it, then what issued that");
        }
    }

    private static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>What can be wrong with the proxy's own client certificate, found before it listens.</summary>
internal static class ClientCertificateCheck
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AnyUsage = "2.5.29.37.0";

    /// <summary>Reads and judges the files; null if they are no pair.</summary>
    public static ServerCertificate? Run(TlsOptions files, string section, DateTimeOffset now, ConfigurationFaults faults)
    {
        string option = $"{section}:CertificateFile";
        if (files.CertificateFile.Length == 0 || files.KeyFile.Length == 0)
        {
            faults.Add(option, "and KeyFile are not both there", "name two PEM files");
            return null;
        }

        HostingRules.CheckSecretFile(files.KeyFile, $"{section}:KeyFile", groupMayRead: true, faults);
        ServerCertificate? certificate = ServerCertificate.Read(files, out TlsFault fault);
        if (certificate is null)
        {
            faults.Add(option, $"and KeyFile cannot be used ({fault})", "name a certificate in PEM and its private key in PEM");
            return null;
        }

        fault = certificate.JudgeTime(now);
        string end = certificate.NotAfter.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (fault != TlsFault.None)
        {
            faults.Add(option, $"is not in force ({fault}, its end is {end})", "have it renewed");
        }
        else if (certificate.NotAfter - now < TimeSpan.FromDays(files.ExpiryWarningDays))
        {
            faults.Warn(option, $"expires on {end}", "have it renewed, and pinned where it is pinned");
        }

        if (!IsForClients(certificate.Leaf))
        {
            faults.Add(option, "may not be used by a client (extended key usage)", "take one with clientAuth");
        }

        return certificate;
    }

    /// <summary>True if its extended key usage allows what the proxy does with it.</summary>
    public static bool IsForClients(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { } usage
        || usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value is ClientAuthentication or AnyUsage);
}

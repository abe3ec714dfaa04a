using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Hosting;

namespace Watchword.ResourceServers.Mcx.Configuration;

/// <summary>A certificate and its key in PEM files, checked at start.</summary>
internal static class CertificateFiles
{
    /// <summary>Reads the pair and names what is wrong.</summary>
    /// <returns>The certificate with its key, which the caller disposes; null with a fault.</returns>
    public static X509Certificate2? Check(
        string certificateFile, string keyFile, string section, ConfigurationFaults faults)
    {
        if (certificateFile.Length == 0 || keyFile.Length == 0)
        {
            faults.Add($"{section}:{(certificateFile.Length == 0 ? "CertificateFile" : "KeyFile")}", "is missing",
                "name the PEM files of the certificate and of its key");
            return null;
        }

        HostingRules.CheckSecretFile(keyFile, $"{section}:KeyFile", groupMayRead: false, faults);
        try
        {
            return X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException
            or ArgumentException)
        {
            faults.Add($"{section}:CertificateFile", "and KeyFile are no certificate with its key",
                "name PEM files that belong together");
            return null;
        }
    }
}

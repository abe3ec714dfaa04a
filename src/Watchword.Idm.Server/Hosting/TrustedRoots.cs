using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Idm.Server.Hosting;

/// <summary>Trust in the CA certificates of one file.</summary>
internal static class TrustedRoots
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Replaces the roots and nothing else: the host name is still checked. Null, the system's roots, without a
    /// file.</summary>
    public static X509ChainPolicy? FromFile(string? caFile)
    {
        if (string.IsNullOrEmpty(caFile))
        {
            return null;
        }

        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private CA of an MC domain publishes no revocation lists on the open network.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }
}

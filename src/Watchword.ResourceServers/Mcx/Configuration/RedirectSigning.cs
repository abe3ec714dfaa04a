using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Hosting;

namespace Watchword.ResourceServers.Mcx.Configuration;

/// <summary>
/// Who signs KMS redirect responses, checked: XML Signature with ECDSA and an X.509 certificate (TS 33.180 5.2.8, D.4.2), not with
/// identity-based keys, since who gets one may know no KMS of this server.
/// </summary>
internal static class RedirectSigning
{
    private const string Section = McxOptions.Section + ":RedirectSigner";

    /// <summary>Checks the section <c>Services:Mcx:RedirectSigner</c>; every fault is named.</summary>
    public static McxSignerOptions? Check(McxSignerOptions? options, ConfigurationFaults faults)
    {
        if (options is null)
        {
            return null;
        }

        using X509Certificate2? certificate =
            CertificateFiles.Check(options.CertificateFile, options.KeyFile, Section, faults);
        using ECDsa? key = certificate?.GetECDsaPrivateKey();
        if (certificate is not null && key is null)
        {
            faults.Add($"{Section}:KeyFile", "is no ECDSA key", "TS 33.180 D.4.2 signs with ECDSA and SHA-256");
        }

        return options;
    }
}

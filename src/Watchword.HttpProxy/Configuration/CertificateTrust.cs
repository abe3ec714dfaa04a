using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>Whose certificates are accepted: those of authorities in a file, or pinned ones. What the system trusts counts for
/// nothing.</summary>
internal sealed class CertificateTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const long MaxCaFileOctets = 1 << 20;

    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _intermediates = [];
    private readonly FrozenSet<string> _pins;

    /// <summary>Reads the section; every fault is added.</summary>
    public CertificateTrust(string? caFile, IReadOnlyList<string> thumbprints, string section, ConfigurationFaults faults)
    {
        for (int i = 0; i < thumbprints.Count; i++)
        {
            if (thumbprints[i].Length != 2 * SHA256.HashSizeInBytes || !thumbprints[i].All(char.IsAsciiHexDigit))
            {
                faults.Add($"{section}:Thumbprints:{i}", "is not a SHA-256 in 64 hexadecimal digits",
                    "hash the certificate in DER");
            }
        }

        _pins = thumbprints.Select(pin => pin.ToUpperInvariant()).ToFrozenSet(StringComparer.Ordinal);
        if (caFile is { Length: > 0 } == _pins.Count > 0)
        {
            faults.Add(section, caFile is null ? "names nobody whose certificates count" : "has both CaFile and Thumbprints",
                "write CaFile or Thumbprints; the system's authorities are not asked");
        }
        else if (caFile is not null && !TryReadCa(caFile))
        {
            faults.Add($"{section}:CaFile", $"names {caFile}, which has no self-signed certificate in PEM", "name the file of the authority");
        }
    }

    /// <summary>True if certificates are compared and no names.</summary>
    public bool IsPinned => _pins.Count > 0;

    /// <summary>Judges a client certificate at its handshake.</summary>
    public bool Accepts(X509Certificate2? certificate, DateTimeOffset now)
    {
        if (!StillAccepts(certificate, now))
        {
            return false;
        }

        if (IsPinned)
        {
            return true;
        }

        using X509Chain chain = new();
        chain.ChainPolicy = PolicyFor(ClientAuthentication, now);
        return chain.Build(certificate!);
    }

    /// <summary>Judges it again, for a request on a connection that stands: what may have changed is the time.</summary>
    public bool StillAccepts(X509Certificate2? certificate, DateTimeOffset now) =>
        certificate is not null
        && now >= new DateTimeOffset(certificate.NotBefore)
        && now <= new DateTimeOffset(certificate.NotAfter)
        && (!IsPinned || _pins.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256)));

    /// <summary>What a server's chain is built by; the time is that of the handshake.</summary>
    public X509ChainPolicy ServerPolicy(DateTimeOffset now) => PolicyFor(ServerAuthentication, now);

    private X509ChainPolicy PolicyFor(string usage, DateTimeOffset now)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private authority publishes no list that could be fetched at each handshake; pins are withdrawn at once.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.LocalDateTime,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_intermediates);
        policy.ApplicationPolicy.Add(new Oid(usage));
        return policy;
    }

    private bool TryReadCa(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxCaFileOctets)
            {
                return false;
            }

            X509Certificate2Collection all = [];
            all.ImportFromPemFile(path);
            foreach (X509Certificate2 certificate in all)
            {
                bool isRoot = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
                (isRoot ? _roots : _intermediates).Add(certificate);
            }

            return _roots.Count > 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }
}

using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip;

/// <summary>All peers. Immutable.</summary>
public sealed class SipPeers
{
    private readonly SipPeer[] _peers;
    private readonly FrozenDictionary<string, SipPeer> _certificates;

    /// <summary>Takes the peers in order: of overlapping networks the first counts.</summary>
    /// <exception cref="ArgumentException">Two peers share a name or a certificate, or a fingerprint is none.</exception>
    public SipPeers(IEnumerable<SipPeer> peers)
    {
        ArgumentNullException.ThrowIfNull(peers);
        _peers = [.. peers];
        Dictionary<string, SipPeer> certificates = new(StringComparer.Ordinal);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (SipPeer peer in _peers)
        {
            if (!names.Add(peer.Name))
            {
                throw new ArgumentException("A name of a peer stands there twice.", nameof(peers));
            }

            foreach (string fingerprint in peer.CertificateSha256)
            {
                if (!IsFingerprint(fingerprint) || !certificates.TryAdd(fingerprint.ToLowerInvariant(), peer))
                {
                    throw new ArgumentException("A SHA-256 fingerprint is 64 hexadecimal digits and stands there once.",
                        nameof(peers));
                }
            }
        }

        _certificates = certificates.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Nobody.</summary>
    public static SipPeers None { get; } = new([]);

    /// <summary>The peers.</summary>
    public IReadOnlyList<SipPeer> All => _peers;

    /// <summary>The peer at an address of UDP or TCP; null if it is nobody's.</summary>
    public SipPeer? Find(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Find(_peers, peer => peer.Networks.Any(network => network.Contains(plain)));
    }

    /// <summary>
    /// The peer of a certificate that is pinned and, at <paramref name="now"/>, valid; a chain counts for nothing.
    /// </summary>
    public SipPeer? Find(X509Certificate2? certificate, DateTimeOffset now) =>
        certificate is not null && now >= new DateTimeOffset(certificate.NotBefore)
            && now <= new DateTimeOffset(certificate.NotAfter)
            ? _certificates.GetValueOrDefault(Fingerprint(certificate))
            : null;

    internal static string Fingerprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));

    private static bool IsFingerprint(string text) => text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigit);
}

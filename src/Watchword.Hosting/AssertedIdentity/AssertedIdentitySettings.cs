using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Watchword.Identity;

namespace Watchword.Hosting;

/// <summary>The checked, immutable configuration of the listeners for asserted identities.</summary>
public sealed class AssertedIdentitySettings
{
    private const string Own = "give it a port or an address of its own";

    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly string _section;
    private readonly FrozenDictionary<string, AssertedIdentityPeer> _peers;

    /// <summary>Checks the section; every fault is added to <paramref name="faults"/>, and none holds an identity.</summary>
    /// <param name="options">What the operator wrote.</param>
    /// <param name="server">The server's own section, which has <c>Listen</c> and <c>AssertedIdentity</c>.</param>
    /// <param name="ordinary">Its other listeners.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public AssertedIdentitySettings(
        AssertedIdentityOptions options, string server, IReadOnlyList<BindingAddress> ordinary, ConfigurationFaults faults)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(faults);
        _section = server + ":AssertedIdentity";
        Listen =
        [
            .. options.Listen.Select((url, i) => ListenUrl.Parse(url, $"{_section}:Listen:{i}", faults)).OfType<BindingAddress>(),
        ];
        CheckListen(options, server, ordinary, faults);
        if (options.Peers.Count == 0)
        {
            faults.Add($"{_section}:Peers", "names no peer", "name the certificates that may connect");
        }

        Dictionary<string, AssertedIdentityPeer> peers = new(StringComparer.Ordinal);
        for (int i = 0; i < options.Peers.Count; i++)
        {
            AssertedIdentityPeer peer = CheckPeer(options.Peers[i], $"{_section}:Peers:{i}", faults);
            if (!peers.TryAdd(peer.Thumbprint, peer))
            {
                faults.Add($"{_section}:Peers:{i}:Thumbprint", "stands there twice", "name each peer once");
            }
        }

        _peers = peers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<BindingAddress> Listen { get; }

    /// <summary>
    /// The peer of a client certificate: it is one of the pinned ones and <paramref name="now"/> lies within its validity. A
    /// chain to some authority counts for nothing.
    /// </summary>
    public AssertedIdentityPeer? FindPeer(X509Certificate2? certificate, DateTimeOffset now) =>
        certificate is not null
        && now >= new DateTimeOffset(certificate.NotBefore)
        && now <= new DateTimeOffset(certificate.NotAfter)
            ? _peers.GetValueOrDefault(Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)))
            : null;

    private void CheckListen(
        AssertedIdentityOptions options, string server, IReadOnlyList<BindingAddress> ordinary, ConfigurationFaults faults)
    {
        if (options.Listen.Count == 0)
        {
            faults.Add($"{_section}:Listen", "names no URL", "write https://ADDRESS:PORT");
        }

        for (int i = 0; i < Listen.Count; i++)
        {
            if (ordinary.Any(address => ListenUrl.Overlap(address, Listen[i])))
            {
                faults.Add($"{_section}:Listen", $"has {Listen[i]}, which overlaps with {server}:Listen", Own);
            }

            if (Listen.Take(i).Any(address => ListenUrl.Overlap(address, Listen[i])))
            {
                faults.Add($"{_section}:Listen", $"has {Listen[i]}, which overlaps with another entry", Own);
            }
        }
    }

    private static AssertedIdentityPeer CheckPeer(AssertedIdentityPeerOptions options, string name, ConfigurationFaults faults)
    {
        if (options.Thumbprint.Length != 2 * SHA256.HashSizeInBytes || options.Thumbprint.AsSpan().ContainsAnyExcept(Hexadecimal))
        {
            faults.Add($"{name}:Thumbprint", "is not a SHA-256 in 64 hexadecimal digits", "hash the certificate in DER");
        }

        if (options.EntityUris.Count == 0)
        {
            faults.Add($"{name}:EntityUris", "names no URI", "name what this peer may assert");
        }

        HashSet<string> uris = new(StringComparer.Ordinal);
        for (int i = 0; i < options.EntityUris.Count; i++)
        {
            if (!McServiceId.IsValid(options.EntityUris[i]))
            {
                faults.Add($"{name}:EntityUris:{i}", "is not an identity that can be keyed", "write a sip:, sips: or tel: URI");
            }
            else if (!uris.Add(options.EntityUris[i]))
            {
                faults.Add($"{name}:EntityUris:{i}", "stands there twice", "name each URI once");
            }
        }

        return new AssertedIdentityPeer(Convert.ToHexStringLower(ThumbprintOctets(options.Thumbprint)), uris);
    }

    /// <summary>Lower case is the one form of comparison; what is no thumbprint has been reported and gives nothing.</summary>
    private static byte[] ThumbprintOctets(string text) =>
        text.Length % 2 != 0 || text.AsSpan().ContainsAnyExcept(Hexadecimal) ? [] : Convert.FromHexString(text);
}

/// <summary>A peer that may assert identities.</summary>
/// <param name="thumbprint">SHA-256 of its certificate, 64 hexadecimal digits in lower case.</param>
/// <param name="entityUris">What it may assert.</param>
public sealed class AssertedIdentityPeer(string thumbprint, IEnumerable<string> entityUris)
{
    private readonly FrozenSet<string> _entityUris = entityUris.ToFrozenSet(StringComparer.Ordinal);

    public string Thumbprint { get; } = thumbprint;

    /// <summary>True if the peer may assert <paramref name="uri"/>, octet by octet.</summary>
    public bool MayAssert(string uri) => _entityUris.Contains(uri);
}

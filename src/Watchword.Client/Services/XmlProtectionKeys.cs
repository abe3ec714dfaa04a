using System.Security.Cryptography;
using Watchword.McServices;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>The two keys that protect XML in SIP, of one CSK or SPK and one user (TS 33.180 9.3, F.1.4). Dispose it to erase them.</summary>
public sealed class XmlProtectionKeys : IDisposable
{
    private XmlProtectionKeys(
        SignallingConfidentialityKey confidentiality, SignallingIntegrityKey integrity, string userUri) =>
        (Confidentiality, Integrity, UserUri) = (confidentiality, integrity, userUri);

    /// <summary>Encrypts elements and URIs.</summary>
    public SignallingConfidentialityKey Confidentiality { get; }

    /// <summary>Signs bodies.</summary>
    public SignallingIntegrityKey Integrity { get; }

    /// <summary>The MC service ID that entered the derivation.</summary>
    public string UserUri { get; }

    /// <summary>Derives them.</summary>
    /// <param name="xpk">The CSK or SPK; the caller keeps it.</param>
    /// <param name="userUri">The MC service ID of the user whose signalling is protected, octet by octet as in the message.</param>
    /// <param name="form">How the identifier of the key enters.</param>
    /// <exception cref="ArgumentException">A key of another purpose, or a URI that is empty or too long.</exception>
    public static XmlProtectionKeys Derive(MikeyKey xpk, string userUri, XpkIdForm form = XpkIdForm.Octets)
    {
        ArgumentNullException.ThrowIfNull(xpk);
        Span<byte> derived = stackalloc byte[SignallingKeys.KeySizeInBytes];
        try
        {
            using SignallingKeys keys = xpk.DeriveSignallingKeys(userUri, form);
            keys.ExportConfidentialityKey(derived);
#pragma warning disable CA2000 // Both belong to the result, which disposes them.
            SignallingConfidentialityKey confidentiality = new(derived, xpk.KeyId);
            keys.ExportIntegrityKey(derived);
            return new XmlProtectionKeys(confidentiality, new SignallingIntegrityKey(derived, xpk.KeyId), userUri);
#pragma warning restore CA2000
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Confidentiality.Dispose();
        Integrity.Dispose();
    }

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(XmlProtectionKeys);
}

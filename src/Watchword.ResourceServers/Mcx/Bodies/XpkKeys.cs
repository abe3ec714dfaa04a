using System.Security.Cryptography;
using Watchword.McServices;
using Watchword.Mikey;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>The two keys for XML bodies, derived from a CSK (TS 33.180 9.3, F.1.4).</summary>
internal sealed class XpkKeys : IDisposable
{
    private XpkKeys(SignallingConfidentialityKey confidentiality, SignallingIntegrityKey integrity, string userUri)
    {
        Confidentiality = confidentiality;
        Integrity = integrity;
        UserUri = userUri;
    }

    public SignallingConfidentialityKey Confidentiality { get; }

    public SignallingIntegrityKey Integrity { get; }

    /// <summary>The MC service ID that entered the derivation.</summary>
    public string UserUri { get; }

    /// <summary>Derives them.</summary>
    /// <param name="csk">The CSK; the caller keeps it.</param>
    /// <param name="userUri">The MC service ID of who made it.</param>
    /// <param name="form">How the CSK-ID enters.</param>
    public static XpkKeys Derive(MikeyKey csk, string userUri, XpkIdForm form)
    {
        Span<byte> secret = stackalloc byte[MikeyKey.SecretSizeInBytes];
        Span<byte> derived = stackalloc byte[SignallingKeys.KeySizeInBytes];
        try
        {
            csk.ExportSecret(secret);
            using SignallingKeys keys = SignallingKeys.Derive(secret, csk.KeyId, userUri, form);
            keys.ExportConfidentialityKey(derived);
            SignallingConfidentialityKey confidentiality = new(derived, csk.KeyId);
            keys.ExportIntegrityKey(derived);
            return new XpkKeys(confidentiality, new SignallingIntegrityKey(derived, csk.KeyId), userUri);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Erases both.</summary>
    public void Dispose()
    {
        Confidentiality.Dispose();
        Integrity.Dispose();
    }
}

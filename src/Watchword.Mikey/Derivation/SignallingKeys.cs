using System.Buffers.Binary;
using System.Text;

namespace Watchword.Mikey;

/// <summary>How an XPK-ID enters the derivation of signalling keys. The text of F.1.4 can be read either way.</summary>
public enum XpkIdForm
{
    /// <summary>Its 4 octets, as TS 33.220 B.2.1 encodes a number of fixed size.</summary>
    Octets = 0,

    /// <summary>The base64 text that stands in <c>ds:KeyName</c>.</summary>
    Base64 = 1,
}

/// <summary>
/// The two keys that protect XML in SIP, derived from an XPK (TS 33.180 9.3, F.1.4): the CSK between client and server, the SPK
/// between servers. The confidentiality key encrypts elements and URIs with AES-128-GCM, the integrity key signs bodies with
/// HMAC-SHA-256.
/// </summary>
public sealed class SignallingKeys : IDisposable
{
    /// <summary>The size of an XPK and of each of the keys.</summary>
    public const int KeySizeInBytes = 16;

    private readonly PinnedSecret _confidentiality = new(KeySizeInBytes);
    private readonly PinnedSecret _integrity = new(KeySizeInBytes);

    private SignallingKeys(uint xpkId) => XpkId = xpkId;

    /// <summary>The CSK-ID or SPK-ID, by which the keys are named in <c>ds:KeyName</c>.</summary>
    public uint XpkId { get; }

    /// <summary>
    /// Derives the keys: KDF with FC 0x51 and 0x52 over the MC service ID and the XPK-ID, the last 16 octets each.
    /// </summary>
    /// <param name="xpk">The CSK or SPK, 16 octets.</param>
    /// <param name="xpkId">Its identifier.</param>
    /// <param name="userUri">
    /// The MC service ID of the user whose signalling is protected, octet by octet as in the message.
    /// </param>
    /// <param name="form">How the identifier enters.</param>
    /// <exception cref="ArgumentException">A key of another size or purpose, an unknown form, or a URI that is empty or longer
    /// than 65535 octets.</exception>
    public static SignallingKeys Derive(ReadOnlySpan<byte> xpk, uint xpkId, string userUri, XpkIdForm form = XpkIdForm.Octets)
    {
        if (xpk.Length != KeySizeInBytes || UserKeyId.PurposeOf(xpkId) is not (KeyPurpose.Csk or KeyPurpose.Spk))
        {
            throw new ArgumentException("An XPK is a CSK or SPK of 16 octets.", nameof(xpk));
        }

        byte[] uri = KeyDerivationFunction.Uri(userUri);
        byte[] id = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(id, xpkId);
        byte[] parameter = form switch
        {
            XpkIdForm.Octets => id,
            XpkIdForm.Base64 => Encoding.ASCII.GetBytes(Convert.ToBase64String(id)),
            _ => throw new ArgumentOutOfRangeException(nameof(form)),
        };
        SignallingKeys keys = new(xpkId);
        KeyDerivationFunction.Derive(
            xpk, KeyDerivationFunction.SignallingConfidentiality, keys._confidentiality.Span, uri, parameter);
        KeyDerivationFunction.Derive(xpk, KeyDerivationFunction.SignallingIntegrity, keys._integrity.Span, uri, parameter);
        return keys;
    }

    /// <summary>Copies out the key of AES-128-GCM.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportConfidentialityKey(Span<byte> destination) => _confidentiality.Export(destination);

    /// <summary>Copies out the key of HMAC-SHA-256.</summary>
    /// <param name="destination">Exactly 16 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportIntegrityKey(Span<byte> destination) => _integrity.Export(destination);

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        _confidentiality.Dispose();
        _integrity.Dispose();
    }
}

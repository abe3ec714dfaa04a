using System.Security.Cryptography;
using Watchword.McServices.Protection;

namespace Watchword.McServices;

/// <summary>
/// The key that encrypts elements and URIs in SIP with AES-128-GCM (TS 33.180 9.3.4), as derived from a CSK or SPK with FC 0x51
/// (F.1.4).
/// </summary>
public sealed class SignallingConfidentialityKey : IDisposable
{
    /// <summary>The size of the key.</summary>
    public const int SizeInBytes = SignallingSecret.SizeInBytes;

    internal const int IvSizeInBytes = 12;
    internal const int TagSizeInBytes = 16;

    private readonly SignallingSecret _secret;

    /// <summary>Takes a copy of a derived key.</summary>
    /// <param name="key">16 octets. The caller erases them.</param>
    /// <param name="xpkId">The identifier of the CSK or SPK of which the key was derived.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    public SignallingConfidentialityKey(ReadOnlySpan<byte> key, uint xpkId)
    {
        _secret = new SignallingSecret(key);
        XpkId = xpkId;
    }

    /// <summary>The CSK-ID or SPK-ID.</summary>
    public uint XpkId { get; }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _secret.Dispose();

    /// <summary>IV (12), cipher text, tag (16), under a fresh random IV.</summary>
    internal byte[] Encrypt(ReadOnlySpan<byte> text)
    {
        byte[] whole = new byte[IvSizeInBytes + text.Length + TagSizeInBytes];
        Span<byte> iv = whole.AsSpan(0, IvSizeInBytes);
        RandomNumberGenerator.Fill(iv);
        using AesGcm cipher = new(_secret.Octets, TagSizeInBytes);
        cipher.Encrypt(iv, text, whole.AsSpan(IvSizeInBytes, text.Length), whole.AsSpan(IvSizeInBytes + text.Length));
        return whole;
    }

    /// <summary>What <see cref="Encrypt"/> encrypted; null for anything else.</summary>
    internal byte[]? Decrypt(ReadOnlySpan<byte> whole)
    {
        using AesGcm cipher = new(_secret.Octets, TagSizeInBytes);
        if (whole.Length < IvSizeInBytes + TagSizeInBytes)
        {
            return null;
        }

        byte[] text = new byte[whole.Length - IvSizeInBytes - TagSizeInBytes];
        try
        {
            cipher.Decrypt(whole[..IvSizeInBytes], whole[IvSizeInBytes..^TagSizeInBytes], whole[^TagSizeInBytes..], text);
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Watchword.Mikey.Protection;

namespace Watchword.Mikey;

/// <summary>
/// The MCData payload cipher key, DPCK, derived from a payload protection key, DPPK (TS 33.180 F.1.5), which is a PCK, a GMK, or
/// in a MIKEY message the key that it carries (E.6.1). It protects payloads with AEAD_AES_128_GCM under an IV of 16 octets
/// (8.5.4).
/// </summary>
public sealed class DataPayloadCipherKey : IDisposable
{
    /// <summary>The size of the DPPK and of the DPCK.</summary>
    public const int SizeInBytes = 16;

    private readonly PinnedSecret _secret = new(SizeInBytes);

    private DataPayloadCipherKey(uint dppkId) => DppkId = dppkId;

    /// <summary>The identifier of the DPPK: PCK-ID, GMK-ID, or the CSB ID of a MIKEY message.</summary>
    public uint DppkId { get; }

    /// <summary>Derives the cipher key: KDF with FC 0x53 over the DPPK-ID, the last 16 octets (TS 33.180 F.1.5).</summary>
    /// <param name="dppk">The payload protection key, 16 octets.</param>
    /// <param name="dppkId">Its identifier.</param>
    /// <exception cref="ArgumentException">A key of another size.</exception>
    public static DataPayloadCipherKey Derive(ReadOnlySpan<byte> dppk, uint dppkId)
    {
        if (dppk.Length != SizeInBytes)
        {
            throw new ArgumentException("A payload protection key has exactly 16 octets.", nameof(dppk));
        }

        Span<byte> id = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(id, dppkId);
        DataPayloadCipherKey key = new(dppkId);
        KeyDerivationFunction.Derive(dppk, KeyDerivationFunction.DataPayloadCipher, key._secret.Span, id);
        return key;
    }

    /// <summary>Protects a payload under a fresh random IV.</summary>
    /// <param name="head">The fields in clear.</param>
    /// <param name="payload">At most <see cref="McDataProtectedPayload.MaximumPayloadSizeInBytes"/> octets.</param>
    /// <returns>The protected payload as sent.</returns>
    /// <exception cref="ArgumentException">A payload too long, or a field that does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public byte[] Protect(McDataPayloadHead head, ReadOnlySpan<byte> payload)
    {
        Span<byte> iv = stackalloc byte[McDataProtectedPayload.IvSizeInBytes];
        RandomNumberGenerator.Fill(iv);
        return Protect(head, payload, iv);
    }

    /// <summary>Checks and decrypts a payload.</summary>
    /// <param name="payload">The payload as parsed.</param>
    /// <param name="destination">
    /// Exactly <see cref="McDataProtectedPayload.PayloadSizeInBytes"/> octets; zeros if it fails.
    /// </param>
    /// <returns>False if the payload names another key or algorithm, or its tag is wrong: one outcome for all.</returns>
    /// <exception cref="ArgumentException">A destination of another size.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool TryUnprotect(McDataProtectedPayload payload, Span<byte> destination)
    {
        if (destination.Length != payload.PayloadSizeInBytes)
        {
            throw new ArgumentException("The destination has exactly the size of the payload.", nameof(destination));
        }

        using AesGcm16 cipher = new(_secret.Span);
        if (payload.PayloadAlgorithm != McDataProtectedPayload.AeadAes128Gcm || payload.DppkId != DppkId)
        {
            destination.Clear();
            return false;
        }

        ReadOnlySpan<byte> text = payload.CipherText.Span;
        return cipher.TryDecrypt(
            payload.Iv.Span, text[..destination.Length], text[destination.Length..], destination, payload.AssociatedData.Span);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _secret.Dispose();

    /// <summary>As <see cref="Protect(McDataPayloadHead, ReadOnlySpan{byte})"/>, with the IV given: for vectors.</summary>
    internal byte[] Protect(McDataPayloadHead head, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> iv)
    {
        if (payload.Length > McDataProtectedPayload.MaximumPayloadSizeInBytes || !head.IsValid)
        {
            throw new ArgumentException("A payload too long, or a field that does not fit.", nameof(head));
        }

        using AesGcm16 cipher = new(_secret.Span);
        byte[] octets = McDataProtectedPayload.Lay(head, DppkId, iv, payload.Length, out int sizeBeforeElement);
        Span<byte> text = McDataProtectedPayload.CipherTextOf(octets, sizeBeforeElement);
        cipher.Encrypt(iv, payload, text[..payload.Length], text[payload.Length..], octets.AsSpan(0, sizeBeforeElement));
        return octets;
    }
}

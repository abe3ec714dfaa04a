using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// A key-encryption key in the memory of the process. Wraps by AES-256-GCM with random nonces under a key derived from it; far
/// fewer than 2^32 data keys are ever wrapped (NIST SP 800-38D 8.3).
/// </summary>
internal sealed class LocalKeyEncryptionKey : IKeyEncryptionKey
{
    public const int SizeInBytes = 32;

    private const int KeyIdOctets = 16;

    /// <summary>An AesGcm is for one thread at a time: two at once would mix their messages up.</summary>
    private readonly Lock _oneAtATime = new();

    private readonly AesGcm _wrapping;
    private readonly AesGcm _firstFormat;

    /// <param name="key">32 octets; they stay with the caller.</param>
    /// <param name="parameters">Without <see cref="KeyEncryptionKeyParameters.KeyId"/>, which is derived.</param>
    public LocalKeyEncryptionKey(ReadOnlySpan<byte> key, KeyEncryptionKeyParameters parameters)
    {
        Span<byte> wrapping = stackalloc byte[SizeInBytes];
        try
        {
            HKDF.Expand(HashAlgorithmName.SHA256, key, wrapping, "watchword-kek-wrap-2"u8);
            _wrapping = new AesGcm(wrapping, SealedSecret.TagSizeInBytes);
            _firstFormat = new AesGcm(key, SealedSecret.TagSizeInBytes);
            Parameters = parameters with { KeyId = IdOf(key) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrapping);
        }
    }

    /// <inheritdoc/>
    public KeyEncryptionKeyParameters Parameters { get; }

    /// <summary>Opens what is directly under the key, as documents of the first format are.</summary>
    public T OpenFirstFormat<T>(Func<AesGcm, T> open)
    {
        lock (_oneAtATime)
        {
            return open(_firstFormat);
        }
    }

    /// <summary>Names the key without saying anything about it.</summary>
    public static string IdOf(ReadOnlySpan<byte> key)
    {
        Span<byte> id = stackalloc byte[KeyIdOctets];
        HKDF.Expand(HashAlgorithmName.SHA256, key, id, "watchword-kek-id-2"u8);
        return Convert.ToHexStringLower(id);
    }

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> associatedData)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(dataKey.Length, SizeInBytes);
        byte[] wrapped = new byte[SealedSecret.NonceSizeInBytes + SizeInBytes + SealedSecret.TagSizeInBytes];
        Span<byte> nonce = wrapped.AsSpan(0, SealedSecret.NonceSizeInBytes);
        RandomNumberGenerator.Fill(nonce);
        lock (_oneAtATime)
        {
            _wrapping.Encrypt(
                nonce,
                dataKey,
                wrapped.AsSpan(SealedSecret.NonceSizeInBytes, SizeInBytes),
                wrapped.AsSpan(SealedSecret.NonceSizeInBytes + SizeInBytes),
                associatedData);
        }

        return wrapped;
    }

    /// <inheritdoc/>
    public void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> associatedData, Span<byte> dataKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(dataKey.Length, SizeInBytes);
        try
        {
            if (wrapped.Length != SealedSecret.NonceSizeInBytes + SizeInBytes + SealedSecret.TagSizeInBytes)
            {
                throw new CryptographicException();
            }

            lock (_oneAtATime)
            {
                _wrapping.Decrypt(
                    wrapped[..SealedSecret.NonceSizeInBytes],
                    wrapped.Slice(SealedSecret.NonceSizeInBytes, SizeInBytes),
                    wrapped[(SealedSecret.NonceSizeInBytes + SizeInBytes)..],
                    dataKey,
                    associatedData);
            }
        }
        catch (CryptographicException fault)
        {
            CryptographicOperations.ZeroMemory(dataKey);
            throw new KmsException(KmsError.CustodyNotOpened, "a wrapped data key", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wrapping.Dispose();
        _firstFormat.Dispose();
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Watchword.McServices.Info;
using Watchword.Mikey;

namespace Watchword.ResourceServers.Mcx.Storage;

/// <summary>Which client a sealed key belongs to.</summary>
internal readonly record struct KeyOwner(McServiceKind Service, string ServiceId, string ClientId);

/// <summary>
/// Seals keys of users for the database with AES-256-GCM under a key from a file: nonce (12), cipher text, tag (16). The client
/// that a key belongs to and its K-ID are authenticated with it, so that a row cannot be put in the place of another.
/// </summary>
internal sealed class KeyVault : IDisposable
{
    /// <summary>The size of the key file.</summary>
    public const int KeyFileSizeInBytes = 32;

    private const int NonceSizeInBytes = 12;
    private const int TagSizeInBytes = 16;
    private const int RandomMaxInBytes = 255;
    private const string Purpose = "watchword services key 1";

    private readonly byte[] _key = GC.AllocateArray<byte>(KeyFileSizeInBytes, pinned: true);
    private bool _disposed;

    /// <summary>Takes a copy of the key.</summary>
    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public KeyVault(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyFileSizeInBytes)
        {
            throw new ArgumentException("The key has 32 octets.", nameof(key));
        }

        key.CopyTo(_key);
    }

    /// <summary>Reads the key file: 32 random octets.</summary>
    /// <exception cref="IOException">It cannot be read, or has another size.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another's.</exception>
    public static KeyVault FromFile(string path)
    {
        byte[] content = GC.AllocateArray<byte>(KeyFileSizeInBytes + 1, pinned: true);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            int read = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return read == KeyFileSizeInBytes
                ? new KeyVault(content.AsSpan(0, read))
                : throw new IOException($"The key file has not {KeyFileSizeInBytes} octets.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Seals a key with its RAND.</summary>
    public byte[] Seal(MikeyKey key, KeyOwner owner)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int length = MikeyKey.SecretSizeInBytes + key.Random.Length;
        byte[] plain = GC.AllocateArray<byte>(length, pinned: true);
        try
        {
            key.ExportSecret(plain.AsSpan(0, MikeyKey.SecretSizeInBytes));
            key.Random.Span.CopyTo(plain.AsSpan(MikeyKey.SecretSizeInBytes));
            byte[] whole = new byte[NonceSizeInBytes + length + TagSizeInBytes];
            Span<byte> nonce = whole.AsSpan(0, NonceSizeInBytes);
            RandomNumberGenerator.Fill(nonce);
            using AesGcm cipher = new(_key, TagSizeInBytes);
            cipher.Encrypt(
                nonce, plain, whole.AsSpan(NonceSizeInBytes, length), whole.AsSpan(NonceSizeInBytes + length),
                AssociatedData(owner, key.KeyId));
            return whole;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Opens what <see cref="Seal"/> sealed.</summary>
    /// <returns>The key, which the caller disposes; null for anything else.</returns>
    public MikeyKey? TryOpen(ReadOnlySpan<byte> whole, KeyOwner owner, uint keyId)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int length = whole.Length - NonceSizeInBytes - TagSizeInBytes;
        if (length is < 2 * MikeyKey.SecretSizeInBytes or > MikeyKey.SecretSizeInBytes + RandomMaxInBytes)
        {
            return null;
        }

        byte[] plain = GC.AllocateArray<byte>(length, pinned: true);
        try
        {
            using AesGcm cipher = new(_key, TagSizeInBytes);
            cipher.Decrypt(
                whole[..NonceSizeInBytes], whole[NonceSizeInBytes..^TagSizeInBytes], whole[^TagSizeInBytes..], plain,
                AssociatedData(owner, keyId));
            return MikeyKey.Import(keyId, plain.AsSpan(0, MikeyKey.SecretSizeInBytes), plain.AsSpan(MikeyKey.SecretSizeInBytes));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(KeyVault);

    // Lengths before what varies, so that no two owners give the same octets.
    private static byte[] AssociatedData(KeyOwner owner, uint keyId)
    {
        using MemoryStream data = new();
        Span<byte> size = stackalloc byte[sizeof(int)];
        foreach (string part in (string[])[
            Purpose, ((int)owner.Service).ToString(CultureInfo.InvariantCulture), owner.ServiceId, owner.ClientId,
            keyId.ToString("X8", CultureInfo.InvariantCulture)])
        {
            byte[] octets = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(size, octets.Length);
            data.Write(size);
            data.Write(octets);
        }

        return data.ToArray();
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Watchword.Client;

/// <summary>
/// The octets of a key store. A random data key, wrapped under a key from the passphrase or key file, encrypts the content; both by
/// AES-256-GCM, and the whole head is associated data of the content.
/// </summary>
/// <remarks>
/// <code>
///   0   4  "WWKS"
///   4   1  version 1
///   5   1  1 passphrase, 2 key file
///   6   4  PBKDF2 iterations, 0 for a key file
///  10  32  salt
///  42  12  nonce of the wrapping
///  54  32  wrapped data key
///  86  16  tag of the wrapping          associated data: octets 0 to 41
/// 102  12  nonce of the content
/// 114   4  length n of the content
/// 118   n  content
///   ..  16  tag of the content          associated data: octets 0 to 117
/// </code>
/// Numbers are big-endian. The content's nonce is random for each writing; the data key belongs to one file, which is written far less
/// than 2^32 times (SP 800-38D §8.3).
/// </remarks>
internal sealed class StoreContainer : IDisposable
{
    public const int MinIterations = 600_000;
    public const int MaxFileOctets = 16 * 1024 * 1024;
    private const int MaxIterations = 20_000_000;
    private const byte Version = 1;
    private const int SaltOffset = 10;
    private const int SaltLength = 32;
    private const int WrapNonceOffset = 42;
    private const int WrappedKeyOffset = 54;
    private const int WrapTagOffset = 86;
    private const int NonceOffset = 102;
    private const int LengthOffset = 114;
    private const int HeadLength = 118;
    private const int NonceLength = 12;
    private const int KeyLength = 32;
    private const int TagLength = 16;

    private readonly byte[] _head;
    private readonly PinnedSecret _dataKey;

    private StoreContainer(byte[] head, PinnedSecret dataKey)
    {
        _head = head;
        _dataKey = dataKey;
    }

    private static ReadOnlySpan<byte> Magic => "WWKS"u8;

    /// <summary>A new container with a new data key.</summary>
    public static StoreContainer Create(KeyStoreUnlock unlock, int iterations)
    {
        byte[] head = new byte[HeadLength];
        Magic.CopyTo(head);
        head[4] = Version;
        head[5] = (byte)unlock.Kind;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(6), unlock.Kind == StoreUnlockKind.Passphrase ? Math.Max(iterations, MinIterations) : 0);
        RandomNumberGenerator.Fill(head.AsSpan(SaltOffset, SaltLength + NonceLength));
        PinnedSecret dataKey = PinnedSecret.Random(KeyLength);
        using PinnedSecret wrapping = unlock.DeriveKey(head.AsSpan(SaltOffset, SaltLength), Iterations(head));
        using AesGcm aes = new(wrapping.Span, TagLength);
        aes.Encrypt(
            head.AsSpan(WrapNonceOffset, NonceLength), dataKey.Span, head.AsSpan(WrappedKeyOffset, KeyLength),
            head.AsSpan(WrapTagOffset, TagLength), head.AsSpan(0, WrapNonceOffset));
        return new StoreContainer(head, dataKey);
    }

    /// <summary>Opens a file's octets; the caller disposes both.</summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.StoreCorrupt"/>, <see cref="ClientFault.StoreVersionUnknown"/>, <see cref="ClientFault.StoreLocked"/>.
    /// </exception>
    public static (StoreContainer Container, PinnedSecret Content) Open(ReadOnlySpan<byte> file, KeyStoreUnlock unlock)
    {
        CheckHead(file);
        byte[] head = file[..HeadLength].ToArray();
        PinnedSecret dataKey = Unwrap(head, unlock);
        StoreContainer container = new(head, dataKey);
        try
        {
            return (container, container.Decrypt(file));
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    /// <summary>The octets of a file with this content.</summary>
    public byte[] Seal(ReadOnlySpan<byte> content)
    {
        byte[] file = new byte[HeadLength + content.Length + TagLength];
        RandomNumberGenerator.Fill(_head.AsSpan(NonceOffset, NonceLength));
        BinaryPrimitives.WriteInt32BigEndian(_head.AsSpan(LengthOffset), content.Length);
        _head.CopyTo(file, 0);
        using AesGcm aes = new(_dataKey.Span, TagLength);
        aes.Encrypt(_head.AsSpan(NonceOffset, NonceLength), content, file.AsSpan(HeadLength, content.Length), file.AsSpan(HeadLength + content.Length), _head);
        return file;
    }

    public void Dispose() => _dataKey.Dispose();

    private static int Iterations(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt32BigEndian(head[6..]);

    private static void CheckHead(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeadLength + TagLength || !file.StartsWith(Magic))
        {
            throw new WatchwordClientException(ClientFault.StoreCorrupt, "no key store in it");
        }

        if (file[4] != Version)
        {
            throw new WatchwordClientException(ClientFault.StoreVersionUnknown, $"version {file[4]}");
        }

        // Fewer iterations than we ever write were written by somebody else; very many would only burn time.
        bool knownKind = file[5] switch
        {
            (byte)StoreUnlockKind.Passphrase => Iterations(file) is >= MinIterations and <= MaxIterations,
            (byte)StoreUnlockKind.KeyFile => Iterations(file) == 0,
            _ => false,
        };
        if (!knownKind || BinaryPrimitives.ReadInt32BigEndian(file[LengthOffset..]) != file.Length - HeadLength - TagLength)
        {
            throw new WatchwordClientException(ClientFault.StoreCorrupt, "its head does not fit");
        }
    }

    private static PinnedSecret Unwrap(ReadOnlySpan<byte> head, KeyStoreUnlock unlock)
    {
        if (head[5] != (byte)unlock.Kind)
        {
            throw new WatchwordClientException(
                ClientFault.StoreLocked, head[5] == (byte)StoreUnlockKind.Passphrase ? "it is locked by a passphrase" : "it is locked by a key file");
        }

        PinnedSecret dataKey = new(KeyLength);
        try
        {
            using PinnedSecret wrapping = unlock.DeriveKey(head.Slice(SaltOffset, SaltLength), Iterations(head));
            using AesGcm aes = new(wrapping.Span, TagLength);
            aes.Decrypt(
                head.Slice(WrapNonceOffset, NonceLength), head.Slice(WrappedKeyOffset, KeyLength), head.Slice(WrapTagOffset, TagLength),
                dataKey.Span, head[..WrapNonceOffset]);
            return dataKey;
        }
        catch (CryptographicException e)
        {
            dataKey.Dispose();
            throw new WatchwordClientException(ClientFault.StoreLocked, inner: e);
        }
    }

    private PinnedSecret Decrypt(ReadOnlySpan<byte> file)
    {
        PinnedSecret content = new(file.Length - HeadLength - TagLength);
        try
        {
            using AesGcm aes = new(_dataKey.Span, TagLength);
            aes.Decrypt(file.Slice(NonceOffset, NonceLength), file[HeadLength..^TagLength], file[^TagLength..], content.Span, file[..HeadLength]);
            return content;
        }
        catch (CryptographicException e)
        {
            content.Dispose();
            throw new WatchwordClientException(ClientFault.StoreCorrupt, "its content was changed", inner: e);
        }
    }
}

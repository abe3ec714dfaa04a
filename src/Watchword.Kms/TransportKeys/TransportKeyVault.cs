using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Makes, seals and opens transport and integrity keys. The store has them sealed only, each pair bound to its domain, identity,
/// client and ids, so that a row moved elsewhere does not open. Thread-safe.
/// </summary>
public sealed class TransportKeyVault : IDisposable
{
    /// <summary>The purpose under which custody keeps the sealing keys.</summary>
    public const string Purpose = "transport-keys";

    private const int KeyOctets = SecurityExtensionKey.SizeInBytes;

    /// <summary>Longest name in an id: prefix and number go before it.</summary>
    private const int MaxNameLength = 200;

    private readonly SealerCache _sealers;

    /// <summary>A vault.</summary>
    /// <param name="custody">Keeps the sealing keys; stays with the caller.</param>
    public TransportKeyVault(EnvelopeCustody custody) => _sealers = new SealerCache(custody, Purpose);

    /// <summary>Zeroes the sealing keys.</summary>
    public void Dispose() => _sealers.Dispose();

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(TransportKeyVault);

    /// <summary>The sealer of a domain, which stays with the vault; its key is made at first use.</summary>
    internal ValueTask<SecretSealer> OpenAsync(string kmsUri, CancellationToken cancellationToken) =>
        _sealers.OpenAsync(kmsUri, cancellationToken);

    /// <summary>The ids of a pair that is made here: kind, number, user.</summary>
    internal static (string TransportKeyId, string IntegrityKeyId) IdsOf(string userUri, int number)
    {
        string name = NameOf(userUri);
        return (
            string.Create(CultureInfo.InvariantCulture, $"tk.{number}.{name}"),
            string.Create(CultureInfo.InvariantCulture, $"ink.{number}.{name}"));
    }

    /// <summary>Makes a pair of random keys.</summary>
    internal static TransportKeyPair Generate(
        SecretSealer sealer, TransportKeyClient owner, int number, TransportKeyPairState state, DateTimeOffset now)
    {
        (string transportKeyId, string integrityKeyId) = IdsOf(owner.UserUri, number);
        using TransportKey transportKey = TransportKey.Generate(transportKeyId);
        using IntegrityKey integrityKey = IntegrityKey.Generate(integrityKeyId);
        return Seal(sealer, owner, number, state, transportKey, integrityKey, now);
    }

    /// <summary>Seals a pair of keys.</summary>
    internal static TransportKeyPair Seal(
        SecretSealer sealer, TransportKeyClient owner, int number, TransportKeyPairState state, TransportKey transportKey,
        IntegrityKey? integrityKey, DateTimeOffset now)
    {
        byte[] keys = GC.AllocateArray<byte>(integrityKey is null ? KeyOctets : 2 * KeyOctets, pinned: true);
        try
        {
            transportKey.Export(keys.AsSpan(0, KeyOctets));
            integrityKey?.Export(keys.AsSpan(KeyOctets));
            return new TransportKeyPair(
                number,
                transportKey.Id,
                integrityKey?.Id,
                state,
                sealer.Seal(keys, Context(owner, transportKey.Id, integrityKey?.Id)),
                integrityKey is null ? null : string.Join(' ', KeyFingerprint.Words(transportKey, integrityKey)),
                now);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>Opens a pair of keys, which the caller disposes.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedSecretNotOpened"/>.</exception>
    internal static (TransportKey TransportKey, IntegrityKey? IntegrityKey) Open(
        SecretSealer sealer, TransportKeyClient owner, TransportKeyPair pair)
    {
        byte[] keys = GC.AllocateArray<byte>(pair.IntegrityKeyId is null ? KeyOctets : 2 * KeyOctets, pinned: true);
        try
        {
            sealer.Open(pair.Sealed.Span, Context(owner, pair.TransportKeyId, pair.IntegrityKeyId), keys);
            return (
                TransportKey.Import(pair.TransportKeyId, keys.AsSpan(0, KeyOctets)),
                pair.IntegrityKeyId is { } id ? IntegrityKey.Import(id, keys.AsSpan(KeyOctets)) : null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    /// <summary>
    /// The user in an id, as in the samples: without <c>sip:</c>. An identity that is too long for an id is told by a digest of
    /// it.
    /// </summary>
    private static string NameOf(string userUri)
    {
        const string scheme = "sip:";
        string name = userUri.StartsWith(scheme, StringComparison.Ordinal) ? userUri[scheme.Length..] : userUri;
        return name.Length <= MaxNameLength && SecurityExtensionKey.IsId("-" + name)
            ? name
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userUri)).AsSpan(0, 16));
    }

    private static byte[] Context(TransportKeyClient owner, string transportKeyId, string? integrityKeyId)
    {
        using MemoryStream context = new();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (string part in (ReadOnlySpan<string>)
            [owner.KmsUri, owner.UserUri, owner.ClientId, transportKeyId, integrityKeyId ?? string.Empty])
        {
            byte[] octets = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, octets.Length);
            context.Write(length);
            context.Write(octets);
        }

        return context.ToArray();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.KeyManagement.Wrapping;

namespace Watchword.KeyManagement;

/// <summary>
/// A key wrapped for a transport key (<c>EncKeyContentType</c> with one <c>xenc:EncryptedKey</c>, TS 33.180 D.3). It is no secret to
/// those who do not hold the transport key.
/// </summary>
public sealed partial class WrappedKey
{
    private const byte Uncompressed = 0x04;
    private readonly byte[] _cipherValue;

    private WrappedKey(string? transportKeyId, string? algorithm, byte[] cipherValue, bool hexadecimal)
    {
        TransportKeyId = transportKeyId;
        Algorithm = algorithm;
        _cipherValue = cipherValue;
        _hexadecimal = hexadecimal;
    }

    /// <summary>The id of the transport key that wraps it (<c>ds:KeyName</c>), or null.</summary>
    public string? TransportKeyId { get; }

    /// <summary>The algorithm that the element names (<c>EncryptionMethod</c>), or null.</summary>
    public string? Algorithm { get; }

    /// <summary>The id of a new transport or integrity key within (<c>CarriedKeyName</c>), or null.</summary>
    public string? CarriedKeyName { get; private init; }

    /// <summary>The cipher value.</summary>
    public ReadOnlySpan<byte> CipherValue => _cipherValue;

    /// <summary>Wraps a new transport or integrity key for its owner (<c>NewTransportKey</c>, <c>NewIntegrityKey</c>).</summary>
    /// <param name="newKey">The key to deliver; stays with the caller.</param>
    /// <param name="transportKey">The transport key that the client holds; stays with the caller.</param>
    /// <param name="profile">How to wrap.</param>
    /// <returns>40 octets under the id of the new key.</returns>
    public static WrappedKey Wrap(
        SecurityExtensionKey newKey, TransportKey transportKey, KeyWrapProfile profile = KeyWrapProfile.KwStrip04)
    {
        ArgumentNullException.ThrowIfNull(newKey);
        ArgumentNullException.ThrowIfNull(transportKey);
        using AesKeyWrap wrap = new(transportKey);
        return Wrap(wrap, newKey.Octets, transportKey.Id, profile, newKey.Id);
    }

    /// <summary>Opens a new transport key; nothing but a key that the client holds already opens it.</summary>
    /// <param name="held">The transport key that the client holds.</param>
    /// <param name="newKey">The new key, owned by the caller; null if there is a fault.</param>
    /// <param name="fault">The fault, or <see cref="KeyUnwrapFault.None"/>.</param>
    public bool TryUnwrapTransportKey(TransportKey held, [NotNullWhen(true)] out TransportKey? newKey, out KeyUnwrapFault fault)
    {
        newKey = TryUnwrapNew(held, TransportKey.Import, out fault);
        return newKey is not null;
    }

    /// <summary>Opens a new integrity key; nothing but a transport key that the client holds already opens it.</summary>
    /// <inheritdoc cref="TryUnwrapTransportKey"/>
    public bool TryUnwrapIntegrityKey(TransportKey held, [NotNullWhen(true)] out IntegrityKey? newKey, out KeyUnwrapFault fault)
    {
        newKey = TryUnwrapNew(held, IntegrityKey.Import, out fault);
        return newKey is not null;
    }

    /// <summary>Wraps octets in a profile; those of an odd length are an uncompressed point and begin with 04.</summary>
    internal static WrappedKey Wrap(
        AesKeyWrap wrap, ReadOnlySpan<byte> key, string transportKeyId, KeyWrapProfile profile, string? carriedKeyName = null)
    {
        bool isPoint = key.Length % 8 == 1;
        (byte[] cipherValue, string algorithm) = profile switch
        {
            KeyWrapProfile.KwStrip04 => (wrap.Wrap(isPoint ? key[1..] : key), Rfc3394Algorithm),
            KeyWrapProfile.Kwp => (wrap.WrapPadded(key), Rfc5649Algorithm),
            KeyWrapProfile.KwpAsKw => (wrap.WrapPadded(key), Rfc3394Algorithm),
            _ => throw new ArgumentOutOfRangeException(nameof(profile)),
        };
        return new WrappedKey(transportKeyId, algorithm, cipherValue, hexadecimal: profile == KeyWrapProfile.KwpAsKw)
        {
            CarriedKeyName = carriedKeyName,
        };
    }

    /// <summary>
    /// Unwraps exactly as many octets as the destination has; puts the 04 back where the length says that it was left out.
    /// </summary>
    internal KeyUnwrapFault Unwrap(AesKeyWrap wrap, string heldId, Span<byte> destination, out KeyWrapProfile profile)
    {
        profile = default;
        if (!string.Equals(TransportKeyId, heldId, StringComparison.Ordinal))
        {
            return KeyUnwrapFault.OtherTransportKey;
        }

        if (Algorithm is not (null or Rfc3394Algorithm or Rfc5649Algorithm))
        {
            return KeyUnwrapFault.UnsupportedAlgorithm;
        }

        if (_cipherValue.Length > destination.Length + AesKeyWrap.Overhead + 7 || _cipherValue.Length < AesKeyWrap.Overhead)
        {
            return KeyUnwrapFault.WrongLength;
        }

        byte[] buffer = GC.AllocateArray<byte>(_cipherValue.Length - AesKeyWrap.Overhead, pinned: true);
        try
        {
            WrapKind kind = wrap.Unwrap(_cipherValue, buffer, out int length);
            if (kind == WrapKind.None)
            {
                return KeyUnwrapFault.IntegrityFailed;
            }

            profile = kind == WrapKind.Rfc3394 ? KeyWrapProfile.KwStrip04
                : Algorithm == Rfc3394Algorithm ? KeyWrapProfile.KwpAsKw : KeyWrapProfile.Kwp;
            return Place(buffer.AsSpan(0, length), destination) ? KeyUnwrapFault.None : KeyUnwrapFault.WrongLength;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static bool Place(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        if (key.Length == destination.Length - 1 && key.Length % 8 == 0)
        {
            destination[0] = Uncompressed;
            destination = destination[1..];
        }

        return key.TryCopyTo(destination) && key.Length == destination.Length;
    }

    private T? TryUnwrapNew<T>(TransportKey held, Func<string, ReadOnlySpan<byte>, T> import, out KeyUnwrapFault fault)
        where T : SecurityExtensionKey
    {
        ArgumentNullException.ThrowIfNull(held);
        if (!SecurityExtensionKey.IsId(CarriedKeyName))
        {
            fault = KeyUnwrapFault.NoCarriedKeyName;
            return null;
        }

        byte[] octets = GC.AllocateArray<byte>(SecurityExtensionKey.SizeInBytes, pinned: true);
        try
        {
            using AesKeyWrap wrap = new(held);
            fault = Unwrap(wrap, held.Id, octets, out _);
            return fault == KeyUnwrapFault.None ? import(CarriedKeyName!, octets) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}

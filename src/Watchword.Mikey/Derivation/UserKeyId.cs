using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>
/// End-point diversity (TS 33.180 5.2.3, F.1.3): each member of a group sees the key identifier K-ID as an identifier of his own,
/// UK-ID = K-ID xor (0000 || user salt). The purpose tag, the 4 most significant bits, stays what it is.
/// </summary>
public static class UserKeyId
{
    /// <summary>The bits of a key identifier below its purpose tag, which are those of a user salt.</summary>
    public const int BitsBelowTag = 28;

    private const uint SaltMask = (1u << BitsBelowTag) - 1;

    /// <summary>
    /// The user salt: the 28 least significant bits of the KDF with FC 0x50 over the user's MC service ID (F.1.3).
    /// </summary>
    /// <param name="key">The key, such as the GMK.</param>
    /// <param name="userUri">The MC service ID of the user whose identifier it is, octet by octet as in the message.</param>
    /// <exception cref="ArgumentException">An empty key or URI, or a URI of more than 65535 octets.</exception>
    public static uint Salt(ReadOnlySpan<byte> key, string userUri)
    {
        if (key.IsEmpty)
        {
            throw new ArgumentException("The key is empty.", nameof(key));
        }

        Span<byte> salt = stackalloc byte[sizeof(uint)];
        KeyDerivationFunction.Derive(key, KeyDerivationFunction.UserSalt, salt, KeyDerivationFunction.Uri(userUri));
        return BinaryPrimitives.ReadUInt32BigEndian(salt) & SaltMask;
    }

    /// <summary>UK-ID of K-ID, and K-ID of UK-ID: the operation undoes itself.</summary>
    /// <param name="keyId">K-ID or UK-ID.</param>
    /// <param name="salt">The user salt, 28 bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">A salt of more than 28 bits, which would change the purpose.</exception>
    public static uint Apply(uint keyId, uint salt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(salt, SaltMask, nameof(salt));
        return keyId ^ salt;
    }

    /// <summary>The UK-ID of a user.</summary>
    /// <param name="keyId">K-ID, such as the GMK-ID.</param>
    /// <param name="key">The key, such as the GMK.</param>
    /// <param name="userUri">The user's MC service ID.</param>
    /// <exception cref="ArgumentException">An empty key or URI, or a URI of more than 65535 octets.</exception>
    public static uint Of(uint keyId, ReadOnlySpan<byte> key, string userUri) => Apply(keyId, Salt(key, userUri));

    /// <summary>The purpose tag of an identifier; values above <see cref="KeyPurpose.Musik"/> are not defined.</summary>
    /// <param name="keyId">K-ID or UK-ID.</param>
    public static KeyPurpose PurposeOf(uint keyId) => (KeyPurpose)(keyId >> BitsBelowTag);
}

using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>
/// The parameters associated with a key (TS 33.180 5.2.4, table E.6.1-1): key type (1), status (4), activation time (5), expiry
/// time (5), text (2 + n), for keys of groups the group IDs (2 + n), and whatever a later release adds.
/// </summary>
public sealed class KeyParameters
{
    /// <summary>The longest encoding: what a protected payload in a general extension can hold.</summary>
    public const int MaximumSizeInBytes = 65_000;

    /// <summary>Makes parameters of a key that is not revoked, valid from the message's time for ever.</summary>
    /// <param name="keyType">The purpose of the key.</param>
    /// <exception cref="ArgumentOutOfRangeException">An undefined purpose.</exception>
    public KeyParameters(KeyPurpose keyType)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)keyType, (uint)KeyPurpose.Musik, nameof(keyType));
        KeyType = keyType;
    }

    /// <summary>The purpose of the key; it must be that of the identifier's tag.</summary>
    public KeyPurpose KeyType { get; }

    /// <summary>The status.</summary>
    public KeyStatus Status { get; init; } = KeyStatus.NotRevoked;

    /// <summary>From when on the key is used, in seconds; null for the time T of the message.</summary>
    public DateTimeOffset? Activation { get; init; }

    /// <summary>From when on the key is not used any more, in seconds; null for never.</summary>
    public DateTimeOffset? Expiry { get; init; }

    /// <summary>A name for people to read; may be empty. Printable UTF-8.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>The MC group IDs that the key is for, at most 255; only of a GMK, MKFC or MuSiK.</summary>
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>What follows the fields that are known; kept as it is.</summary>
    public ReadOnlyMemory<byte> KeySpecific { get; init; }

    /// <summary>Whether the key has been revoked: who holds it stops using it (TS 33.180 5.7).</summary>
    public bool IsRevoked => (Status & KeyStatus.NotRevoked) == 0;

    /// <summary>Whether the key is used at a time: not revoked, activated, not expired.</summary>
    /// <param name="time">The time.</param>
    /// <param name="messageTime">T of the message, for which an activation of 0 stands.</param>
    public bool IsUsableAt(DateTimeOffset time, DateTimeOffset messageTime) =>
        !IsRevoked && time >= (Activation ?? messageTime) && (Expiry is not { } expiry || time < expiry);

    /// <summary>
    /// Reads parameters that fill <paramref name="octets"/> exactly, with or without an information element around them.
    /// </summary>
    /// <param name="octets">The octets; they are copied.</param>
    /// <exception cref="MikeyFormatException">The octets are no key parameters.</exception>
    public static KeyParameters Parse(ReadOnlySpan<byte> octets)
    {
        KeyParameters? parameters = KeyParametersCodec.Read(octets, firstType: 0, out MikeyFormatReason reason, out int offset);
        if (parameters is null)
        {
            MikeyFormatException.Throw(reason, offset);
        }

        return parameters;
    }

    /// <summary>As <see cref="Parse"/>; false if the octets are no key parameters.</summary>
    /// <param name="octets">The octets; they are copied.</param>
    /// <param name="parameters">The parameters.</param>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out KeyParameters? parameters)
    {
        parameters = KeyParametersCodec.Read(octets, firstType: 0, out _, out _);
        return parameters is not null;
    }

    /// <summary>Writes the parameters.</summary>
    /// <param name="form">Where the text leaves the form open; <see cref="KeyParametersForm.Default"/> if null.</param>
    /// <exception cref="ArgumentException">A time before 1970, groups of a key that has none, a group twice, a text or a group ID
    /// that is not printable, or parameters that are too long.</exception>
    public byte[] Encode(KeyParametersForm? form = null) => KeyParametersCodec.Write(this, form ?? KeyParametersForm.Default);

    internal static bool HasGroups(KeyPurpose type) => type is KeyPurpose.Gmk or KeyPurpose.Mkfc or KeyPurpose.Musik;
}

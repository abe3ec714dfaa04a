namespace Watchword.Cryptography;

/// <summary>A message with its ECCSI signature and the identity that is said to have signed it.</summary>
/// <param name="identity">The identity's octets.</param>
/// <param name="message">The message.</param>
/// <param name="signature">The signature r || s || PVT.</param>
public readonly struct EccsiSignedMessage(
    ReadOnlyMemory<byte> identity, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature)
{
    /// <summary>The identity's octets.</summary>
    public ReadOnlyMemory<byte> Identity { get; } = identity;

    /// <summary>The message.</summary>
    public ReadOnlyMemory<byte> Message { get; } = message;

    /// <summary>The signature r || s || PVT, 129 octets if it is one.</summary>
    public ReadOnlyMemory<byte> Signature { get; } = signature;
}

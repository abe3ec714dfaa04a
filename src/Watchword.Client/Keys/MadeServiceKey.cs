namespace Watchword.Client;

/// <summary>A message that carries a service key to one receiver.</summary>
/// <param name="ReceiverUri">Whom it is for.</param>
/// <param name="Octets">The MIKEY I_MESSAGE.</param>
public sealed record ServiceKeyMessage(string ReceiverUri, ReadOnlyMemory<byte> Octets);

/// <summary>A key that this profile made, or hands out once more, with the messages to send.</summary>
/// <param name="Key">The key as the store has it.</param>
/// <param name="Messages">One for each receiver, in their order.</param>
public sealed record MadeServiceKey(ServiceKeyInfo Key, IReadOnlyList<ServiceKeyMessage> Messages);

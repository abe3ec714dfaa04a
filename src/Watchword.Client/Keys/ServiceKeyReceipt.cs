using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What a message brought.</summary>
/// <param name="Key">The key as the store has it now.</param>
/// <param name="Change">What the message did.</param>
/// <param name="TolerancesUsed">Departures of the peer that were needed to accept it, to be counted.</param>
public sealed record ServiceKeyReceipt(ServiceKeyInfo Key, ServiceKeyChange Change, MikeyTolerances TolerancesUsed);

namespace Watchword.Client;

/// <summary>What a group management server had for a member.</summary>
/// <param name="Receipts">What each message that was opened brought, in their order.</param>
/// <param name="Refused">Why messages were not taken; those that were are in the store all the same.</param>
public sealed record GroupKeysFetched(
    IReadOnlyList<ServiceKeyReceipt> Receipts, IReadOnlyList<WatchwordClientException> Refused);

using Watchword.McServices.Notifications;
using Watchword.Sip;

namespace Watchword.Client;

/// <summary>What a configuration or group management server told a subscriber (TS 24.484 6.3.13, TS 24.481 6.3.13).</summary>
/// <param name="State">Whether the subscription stands.</param>
/// <param name="Changes">The documents that exist or have changed; null where nothing is said of them.</param>
/// <param name="KeyMessages">
/// MIKEY messages that came with it, each for <see cref="ServiceKeyExchange.Open"/> as one of a document
/// (<see cref="ServiceKeyMessageContext.IsFromDocument"/>): the server repeats what was revoked while nobody listened.
/// </param>
public sealed record DocumentNotification(
    SipSubscriptionState State, XcapDiff? Changes, IReadOnlyList<ReadOnlyMemory<byte>> KeyMessages)
{
    /// <summary>The name of the type: what changed is not for logs.</summary>
    public override string ToString() => nameof(DocumentNotification);
}

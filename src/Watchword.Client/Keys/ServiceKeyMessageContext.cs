using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What the transport of a message says about it.</summary>
public sealed record ServiceKeyMessageContext
{
    /// <summary>The defaults: a message that was just pushed.</summary>
    public static ServiceKeyMessageContext Default { get; } = new();

    /// <summary>
    /// Whether the message stands in a document that was fetched over an authenticated channel, such as a group document. It may
    /// be old (<see cref="ServiceKeyExchangeOptions.DocumentMaxAge"/>) and be read again: it only ever adds what is newer, and
    /// nothing that was revoked.
    /// </summary>
    public bool IsFromDocument { get; init; }

    /// <summary>
    /// The groups that the key is for where its parameters name none, as the document around it says. Ignored otherwise.
    /// </summary>
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>
    /// Finds the initiator's URI where the message hides him: it decrypts the part of the SIP message that holds it with the key
    /// (TS 33.180 5.2.6), which it must not keep. Null to refuse messages that hide identities.
    /// </summary>
    public Func<MikeyKey, string?>? RevealInitiator { get; init; }

    /// <summary>
    /// Whether the message was made by this identity on another device or replica; the key is taken from SAKKE-to-self (5.2.5).
    /// </summary>
    public bool IsOwn { get; init; }
}

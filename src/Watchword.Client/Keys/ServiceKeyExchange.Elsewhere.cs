using Watchword.Mikey;

namespace Watchword.Client;

/// <content>For a server that keeps the keys of its users in a database of its own, not in the store of its profile.</content>
public sealed partial class ServiceKeyExchange
{
    /// <summary>
    /// Opens a message with every check of <see cref="Open(ReadOnlySpan{byte}, ServiceKeyMessageContext?)"/> but that against
    /// replay, and keeps nothing: whoever keeps the key refuses a message whose <see cref="TakenServiceKey.MessageDigest"/> it
    /// noted before.
    /// </summary>
    /// <param name="message">The octets as received.</param>
    /// <param name="context">What its transport says; null for a message that was just pushed.</param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="WatchwordClientException">
    /// As for <see cref="Open(ReadOnlySpan{byte}, ServiceKeyMessageContext?)"/>, but nothing of what is kept.
    /// </exception>
    public TakenServiceKey Take(ReadOnlySpan<byte> message, ServiceKeyMessageContext? context = null)
    {
        context ??= ServiceKeyMessageContext.Default;
        (KeyOpening opening, string owner) = OpenChecked(message, context);
        OpenedMessage opened = OpenedMessage.Of(opening);
        return new TakenServiceKey(
            Info(opening, owner, context), opening.Key!, opened.Digest, opened.ForgetAfter, opening.TolerancesUsed);
    }

    /// <summary>Makes the messages that hand out a key which the caller made and keeps (TS 33.180 5.8).</summary>
    /// <param name="distribution">What it is for and who hands it to whom.</param>
    /// <param name="key">The key, of that purpose. The caller keeps it.</param>
    /// <param name="receiverUris">The receivers, octet by octet as provisioned; one for a CSK or SPK.</param>
    /// <param name="terms">What it is for; null for now and for ever.</param>
    /// <exception cref="ArgumentException">As for <see cref="Create"/>; a key of another purpose.</exception>
    /// <exception cref="WatchwordClientException">As for <see cref="Create"/>, but nothing of what is kept.</exception>
    public MadeServiceKey Compose(
        KeyDistribution distribution, MikeyKey key, IReadOnlyList<string> receiverUris, ServiceKeyTerms? terms = null)
    {
        terms ??= new ServiceKeyTerms();
        string owner = Initiator(distribution, terms.Service);
        return Make(distribution, key, owner, receiverUris, terms, time.GetUtcNow(), isRevoked: false);
    }
}

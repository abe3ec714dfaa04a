using Watchword.Client;
using Watchword.KeyManagement;
using Watchword.Mikey;
using Watchword.ResourceServers.Keys;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>What came of a message with a CSK.</summary>
/// <param name="Key">The key; null with a fault.</param>
/// <param name="Fault">Why not.</param>
/// <param name="Redirect">The KMS redirect response, with <see cref="RevealFault.Redirected"/>.</param>
internal sealed record CskReceipt(TakenServiceKey? Key, RevealFault Fault, ReadOnlyMemory<byte> Redirect = default);

/// <summary>
/// Opens the message with which a client uploads its CSK (TS 33.180 5.4): addressed to an identity of this server, signed by the
/// initiator with a key of the period of its time T, fresh, of purpose CSK. Replay is judged where the binding is stored.
/// </summary>
internal sealed class CskOpening(EntityKeyRing ring, RedirectResponses redirects)
{
    /// <summary>Opens one.</summary>
    /// <param name="message">The message, as parsed from <paramref name="octets"/>.</param>
    /// <param name="octets">As received.</param>
    /// <param name="hiddenInitiator">
    /// The MC service ID of the token where that stands in clear: confirmed as initiator if the message hides him (5.2.6).
    /// </param>
    public CskReceipt Open(MikeyMessage message, ReadOnlyMemory<byte> octets, string? hiddenInitiator)
    {
        EntityKeys? receiver = ring.FindReceiver(message);
        if (Redirect(message) is { } redirect)
        {
            return new CskReceipt(null, RevealFault.Redirected, redirect.Octets);
        }

        if (receiver is null)
        {
            return new CskReceipt(null, RevealFault.CskRefused);
        }

        if (receiver.Exchange is not { } exchange)
        {
            return new CskReceipt(null, RevealFault.KeysUnavailable);
        }

        ServiceKeyMessageContext context = new()
        {
            RevealInitiator = hiddenInitiator is null ? null : _ => hiddenInitiator,
        };
        try
        {
            TakenServiceKey taken = exchange.Take(octets.Span, context);
            if (taken.Info.Purpose == KeyPurpose.Csk && !taken.Info.IsRevoked)
            {
                return new CskReceipt(taken, RevealFault.None);
            }

            taken.Dispose();
            return new CskReceipt(null, RevealFault.CskRefused);
        }
        catch (WatchwordClientException e)
        {
            return new CskReceipt(null, e.Fault is ClientFault.NoUsableKeySet or ClientFault.NotInitialized or ClientFault.NotLoggedIn
                ? RevealFault.KeysUnavailable
                : RevealFault.CskRefused);
        }
    }

    /// <summary>
    /// The answer to a message for a KMS that this server is not keyed by, but knows (TS 33.180 5.4, 5.2.8): use ours.
    /// </summary>
    private KmsRedirectResponse? Redirect(MikeyMessage message)
    {
        string? initiator = message.FindIdentity(MikeyIdentityRole.InitiatorKms)?.Text;
        string? responder = message.FindIdentity(MikeyIdentityRole.ResponderKms)?.Text;
        if (initiator is null || responder is null || ring.Primary.Store is not { KmsUri: { } home } store
            || ring.Identities.Any(keys => string.Equals(keys.Store?.KmsUri, responder, StringComparison.Ordinal)))
        {
            return null;
        }

        return store.PartnerCertificates.Any(
            certificate => string.Equals(certificate.KmsUri, responder, StringComparison.Ordinal))
            ? redirects.Create(initiator, responder, home)
            : null;
    }
}

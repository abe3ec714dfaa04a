using Watchword.Mikey;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.Client;

/// <content>The life of the CSK (TS 33.180 5.4, 5.8, 9.2.1): its end, and another that the server sends.</content>
public sealed partial class ServiceAuthorizationClient
{
    // Gave way to a key of the server's, who may not know yet that it was taken: they receive until he does.
    private readonly List<ServiceKeyInfo> _replaced = [];

    /// <summary>
    /// When another CSK is to take the place of this one: <see cref="ServiceAuthorizationOptions.CskRenewalMargin"/> before it ends,
    /// by its own terms or by <see cref="ServiceAuthorizationOptions.CskLifetime"/>. Null if there is none or it does not end.
    /// </summary>
    public DateTimeOffset? CskRenewalDue
    {
        get
        {
            if (_csk is not { } csk)
            {
                return null;
            }

            DateTimeOffset? byAge = options.CskLifetime is { } lifetime ? csk.ReceivedAt + lifetime : null;
            DateTimeOffset? end = byAge is null || csk.Expiry < byAge ? csk.Expiry : byAge;
            return end - options.CskRenewalMargin;
        }
    }

    /// <summary>The keys that signalling of the server may be protected with: the one in use first, then those it replaced.</summary>
    public IReadOnlyList<ServiceKeyInfo> ReceivingCsks => [.. _csk is null ? [] : (ServiceKeyInfo[])[_csk], .. _replaced];

    /// <summary>
    /// Lets the authorisation last on, with whatever that takes: a refresh (<see cref="RefreshAsync"/>); a new CSK with the settings
    /// (<see cref="AuthorizeAsync"/>) where that of now is about to end; a new authorisation where the server knows it no more.
    /// </summary>
    /// <param name="settings">The settings, all of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">No token, or no keys to make a CSK with.</exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<ServiceAuthorizationResult> KeepAsync(PocSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (_entityTag is null || (options.IsProtected && _csk is null) || CskRenewalDue <= keys.Now)
        {
            return await AuthorizeAsync(settings, cancellationToken);
        }

        ServiceAuthorizationResult result = await RefreshAsync(cancellationToken);
        return result.Outcome is ServiceAuthorizationOutcome.Superseded or ServiceAuthorizationOutcome.UserUnknown
            ? await AuthorizeAsync(settings, cancellationToken)
            : result;
    }

    /// <summary>
    /// Takes a key that the server sends by MESSAGE (TS 33.180 5.8): a CSK takes the place of the one in use, which receives on until
    /// the server is seen to use the new one; a MuSiK goes into the key store. The server is one that
    /// <see cref="ServiceKeyExchangeOptions.McxServers"/> names.
    /// </summary>
    /// <param name="message">The request as it came through the SIP core.</param>
    /// <returns>
    /// What became of it, with the response to send; null if it brings no key to this user of this service: another client of the
    /// UE may be meant.
    /// </returns>
    public ServiceKeyDelivery? TakeKey(SipRequest message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Method != SipMethods.Message || IsOfOtherService(message)
            || !SipBody.TryRead(message, out IReadOnlyList<SipBodyPart> parts)
            || parts.Where(part => part.ContentType.Is(MikeyMediaType)).ToArray() is not [{ } part])
        {
            return null;
        }

        if (!MikeyMessage.TryParse(part.Content.Span, out MikeyMessage? parsed))
        {
            return Refuse(message, 400, ClientFault.MessageMalformed);
        }

        if (parsed.FindIdentity(MikeyIdentityRole.Responder)?.Text is { } responder && responder != OwnId())
        {
            return null;
        }

        // Before it is opened: a CSK in place of none would protect what nobody reads (TS 33.180 5.8).
        return UserKeyId.PurposeOf(parsed.Header.CsbId) == KeyPurpose.Csk && _csk is null
            ? Refuse(message, 480, null)
            : Take(message, part.Content.Span);
    }

    /// <summary>
    /// Notes that the server was seen to use a CSK, by something that was verified under it: those that it took the place of end.
    /// </summary>
    /// <param name="cskId">The CSK-ID.</param>
    public void ConfirmCsk(uint cskId)
    {
        if (_csk?.KeyId == cskId)
        {
            EndReplaced();
        }
    }

    private ServiceKeyDelivery? Take(SipRequest message, ReadOnlySpan<byte> octets)
    {
        try
        {
            ServiceKeyReceipt receipt = keys.Open(octets);
            if (receipt.Key.Purpose == KeyPurpose.Csk)
            {
                Adopt(receipt.Key);
            }

            return new ServiceKeyDelivery(message.CreateResponse(200)) { Key = receipt.Key };
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.MessageNotForUs)
        {
            return null;
        }
        catch (WatchwordClientException e)
        {
            return Refuse(message, IsPassing(e.Fault) ? 480 : 403, e.Fault);
        }
    }

    /// <summary>A CSK that the server made is used from now on, unless a newer one of his is in use already.</summary>
    private void Adopt(ServiceKeyInfo key)
    {
        if (key.IsRevoked)
        {
            _ = _replaced.RemoveAll(former => former.IsSameKey(key));
            _csk = _csk!.IsSameKey(key) ? null : _csk;
        }
        else if (_csk!.IsSameKey(key))
        {
            _csk = key;
        }
        else if (_csk.IsOwn || key.MessageTime >= _csk.MessageTime)
        {
            _ = _replaced.RemoveAll(former => former.IsSameKey(key));
            _replaced.Insert(0, _csk);
            _csk = key;
        }
    }

    /// <summary>
    /// Sends under the CSK in use. A server that does not use it yet, because the answer to its MESSAGE was lost, refuses; then under
    /// the one before, which it has.
    /// </summary>
    private async Task<ServiceAuthorizationResult> SendProtectedAsync(
        Func<ServiceKeyInfo?, Task<ServiceAuthorizationResult>> send)
    {
        ServiceAuthorizationResult result = await send(_csk);
        if (result.Outcome == ServiceAuthorizationOutcome.Done)
        {
            EndReplaced();
        }

        foreach (ServiceKeyInfo former in _replaced.ToArray())
        {
            if (result.Outcome != ServiceAuthorizationOutcome.ProtectionRefused)
            {
                break;
            }

            result = await send(former);
        }

        return result;
    }

    private void EndReplaced()
    {
        ServiceKeyInfo[] ended = [.. _replaced];
        _replaced.Clear();
        Array.ForEach(ended, End);
    }

    private bool IsOfOtherService(SipRequest message)
    {
        IReadOnlyList<string> asserted = message.Headers.AssertedService;
        return asserted.Count > 0 && !asserted.Contains(_names.Icsi, StringComparer.Ordinal);
    }

    // What the next attempt of the server may find otherwise: keys of the next period, a certificate that is on its way.
    private static bool IsPassing(ClientFault fault) =>
        fault is ClientFault.NoUsableKeySet or ClientFault.NotInitialized or ClientFault.NotLoggedIn or ClientFault.DomainUnknown
            or ClientFault.KmsCertificateUnusable or ClientFault.ServiceKeysFull or ClientFault.StoreNotWritten;

    private static ServiceKeyDelivery Refuse(SipRequest message, int status, ClientFault? fault) =>
        new(message.CreateResponse(status)) { Fault = fault };
}

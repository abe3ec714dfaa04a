using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.McServices.Xcap;
using Watchword.Sip;

namespace Watchword.Client;

/// <summary>
/// Subscribes to documents at a configuration or group management server and takes its notifications (RFC 5875; TS 24.484 6.3.13,
/// TS 24.481 6.3.13): the token stands in the MC info body, the documents in a resource list. One subscription.
/// </summary>
/// <param name="tokens">The tokens of the profile.</param>
/// <param name="options">Where to, and as whom.</param>
/// <param name="send">Sends a request into the SIP core and waits for the final response.</param>
/// <param name="time">The clock.</param>
public sealed class DocumentSubscriptionClient(
    TokenCache tokens, DocumentSubscriptionOptions options, Func<SipRequest, CancellationToken, Task<SipResponse>> send,
    TimeProvider time)
{
    private const string MikeyMediaType = "application/mikey";
    private const string NoPatching = ";diff-processing=no-patching";

    // Keys of several groups and generations come with one notification.
    private static readonly SipLimits _limits = new() { MaxParts = 256 };

    private readonly McServiceNames _names = McServiceNames.Of((McServiceKind)(int)options.Service);
    private readonly Lock _lock = new();
    private readonly Channel<DocumentNotification> _notifications = Channel.CreateBounded<DocumentNotification>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    private SubscriberDialog? _dialog;

    /// <summary>The subscription, to go on with after a restart; null while there is none.</summary>
    public SubscriberDialog? Dialog
    {
        get
        {
            lock (_lock)
            {
                return _dialog;
            }
        }
    }

    /// <summary>Goes on with a subscription of an earlier run; NOTIFY comes to the Contact of the options from now on.</summary>
    /// <param name="dialog">Its <see cref="Dialog"/>.</param>
    public void Resume(SubscriberDialog dialog)
    {
        ArgumentNullException.ThrowIfNull(dialog);
        lock (_lock)
        {
            _dialog = dialog with { LocalContact = options.Contact };
        }
    }

    /// <summary>Subscribes.</summary>
    /// <param name="documents">The documents, one or more; those that do not exist are told of when they are made.</param>
    /// <param name="cancellationToken">Ends the call; the server may have kept the subscription all the same.</param>
    /// <returns>The final response. With success a notification follows, or is there already.</returns>
    /// <exception cref="ArgumentException">No document, or a URI in the options that is none.</exception>
    /// <exception cref="WatchwordClientException">No token.</exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<SipResponse> SubscribeAsync(
        IReadOnlyCollection<DocumentSelector> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfZero(documents.Count);
        SipBodyPart info = await InfoAsync(cancellationToken);
        SipUri server = SipUri.Parse(options.ServerUri);
        (SipRequest request, SubscriberDialog dialog) = SubscriberDialog.Create(
            server, SipUri.Parse(options.PublicUserIdentity), server, SipUri.Parse(options.Contact), XcapDiff.EventPackage,
            options.ExpiresSeconds, XcapDiff.MediaType, MikeyMediaType, "multipart/mixed");
        SipBody.Write(request, info, SipBodyPart.Create(
            ResourceLists.MediaType, ResourceLists.Of(documents.Select(document => document.ToString())).Write()));
        bool isMade = false;
        try
        {
            SipResponse response = await SendAsync(request, dialog, cancellationToken);
            isMade = response.IsSuccess;
            return response;
        }
        finally
        {
            if (!isMade)
            {
                Forget();
            }
        }
    }

    /// <summary>Lets the subscription last on, with a token that is good now (RFC 6665 §4.1.2.2).</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The final response; after 481, or where there is no subscription, it has to be made anew.</returns>
    /// <exception cref="InvalidOperationException">There is no subscription.</exception>
    /// <exception cref="WatchwordClientException">No token.</exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<SipResponse> RefreshAsync(CancellationToken cancellationToken = default)
    {
        SipBodyPart info = await InfoAsync(cancellationToken);
        return await InDialogAsync(options.ExpiresSeconds, request => SipBody.Write(request, info), cancellationToken);
    }

    /// <summary>Ends the subscription (RFC 6665 §4.1.2.3); a last notification follows.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The final response; 481 says that there was none any more.</returns>
    /// <exception cref="InvalidOperationException">There is no subscription.</exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public Task<SipResponse> UnsubscribeAsync(CancellationToken cancellationToken = default) =>
        InDialogAsync(0, _ => { }, cancellationToken);

    /// <summary>Takes a NOTIFY from the SIP core.</summary>
    /// <param name="notify">The request.</param>
    /// <param name="response">What to answer.</param>
    /// <returns>False if it is about another subscription.</returns>
    public bool TryTake(SipRequest notify, [NotNullWhen(true)] out SipResponse? response)
    {
        ArgumentNullException.ThrowIfNull(notify);
        SipSubscriptionState? state;
        lock (_lock)
        {
            response = null;
            if (_dialog?.Dialog.Matches(notify) != true)
            {
                return false;
            }

            if (!_dialog.TryNotify(notify, time.GetUtcNow(), out SubscriberDialog? next, out state, out SipRefusal? refusal))
            {
                response = refusal.CreateResponse(notify);
                return true;
            }

            _dialog = next;
        }

        response = notify.CreateResponse(Read(notify, state) ? 200 : 400);
        return true;
    }

    /// <summary>Waits for the next notification.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public ValueTask<DocumentNotification> NextAsync(CancellationToken cancellationToken = default) =>
        _notifications.Reader.ReadAsync(cancellationToken);

    private async Task<SipResponse> InDialogAsync(
        uint expires, Action<SipRequest> complete, CancellationToken cancellationToken)
    {
        SubscriberDialog dialog = Dialog ?? throw new InvalidOperationException("There is no subscription.");
        (SipRequest request, SubscriberDialog next) = dialog.CreateSubscribe(expires);
        complete(request);
        SipResponse response = await SendAsync(request, next, cancellationToken);
        if (response.StatusCode is 404 or 481 or 489)
        {
            // RFC 6665 §4.1.2.2, §4.4.1: such an answer ends it.
            Forget();
        }

        return response;
    }

    private async Task<SipResponse> SendAsync(SipRequest request, SubscriberDialog dialog, CancellationToken cancellationToken)
    {
        request.Headers.Set(SipHeaderNames.Event, XcapDiff.EventPackage + NoPatching);
        request.Headers.Add(SipHeaderNames.PPreferredIdentity, $"<{options.PublicUserIdentity}>");
        request.Headers.Add(SipHeaderNames.PPreferredService, _names.Icsi);
        lock (_lock)
        {
            // NOTIFY may overtake the response (RFC 6665 §4.1.2.4).
            _dialog = dialog;
        }

        SipResponse response = await send(request, cancellationToken);
        lock (_lock)
        {
            _dialog = _dialog?.After(response, time.GetUtcNow());
        }

        return response;
    }

    private void Forget()
    {
        lock (_lock)
        {
            _dialog = null;
        }
    }

    private async Task<SipBodyPart> InfoAsync(CancellationToken cancellationToken)
    {
        AccessToken token = await tokens.GetAccessTokenAsync(
            AccessTokenTarget.For(options.Service, options.Resource), cancellationToken);
        McInfo info = new(_names) { AccessToken = McInfoValue.FromText(token.Reveal()) };
        return SipBodyPart.Create(_names.InfoMediaType, info.Write());
    }

    /// <summary>False if the bodies are not what their types say; then nothing of them is used.</summary>
    private bool Read(SipRequest notify, SipSubscriptionState state)
    {
        if (!SipBody.TryRead(notify, out IReadOnlyList<SipBodyPart> parts, _limits))
        {
            return false;
        }

        try
        {
            XcapDiff? changes = parts.FirstOrDefault(part => part.ContentType.Is(XcapDiff.MediaType)) is { } diff
                ? XcapDiff.Parse(diff.Content)
                : null;
            ReadOnlyMemory<byte>[] messages =
                [.. parts.Where(part => part.ContentType.Is(MikeyMediaType)).Select(part => part.Content)];
            return _notifications.Writer.TryWrite(new DocumentNotification(state, changes, messages));
        }
        catch (McServicesFormatException)
        {
            return false;
        }
    }
}

using System.Globalization;
using Watchword.Identity;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Client;

/// <summary>
/// Authorises a client at an MCX server by PUBLISH (TS 33.180 5.1.3.2.3; TS 24.379, 24.281 and 24.282 clause 7.2), or by what it puts
/// into the client's REGISTER (5.1.3.2.2): token, settings and, where bodies are protected, a CSK that the client makes and keeps in its
/// key store (TS 33.180 5.4).
/// </summary>
/// <remarks>One at a time: a publication has one entity tag.</remarks>
/// <param name="tokens">The tokens of the profile.</param>
/// <param name="keys">Makes the CSK; the profile is keyed for the service.</param>
/// <param name="options">Where to, as whom, and how protected.</param>
/// <param name="send">Sends a request into the SIP core and waits for the final response.</param>
public sealed partial class ServiceAuthorizationClient(
    TokenCache tokens, ServiceKeyExchange keys, ServiceAuthorizationOptions options,
    Func<SipRequest, CancellationToken, Task<SipResponse>> send)
{
    private const string MikeyMediaType = "application/mikey";
    private const string RedirectMediaType = "application/vnd.3gpp.kmsredirectresponse+xml";

    private readonly McServiceNames _names = McServiceNames.Of((McServiceKind)(int)options.Service);
    private string? _entityTag;
    private ServiceKeyInfo? _csk;

    // Made and sent without an answer so far: the server may have one of them. They stay until an answer tells.
    private readonly List<ServiceKeyInfo> _offered = [];

    /// <summary>The CSK under which signalling with the server is protected; null while there is none.</summary>
    public ServiceKeyInfo? Csk => _csk;

    /// <summary>The entity tag of the publication that stands, to go on with after a restart; null while there is none.</summary>
    public string? EntityTag => _entityTag;

    /// <summary>Goes on with an authorisation of an earlier run of this client.</summary>
    /// <param name="entityTag">Its <see cref="EntityTag"/>; null if it is not known, or a REGISTER made it.</param>
    /// <param name="csk">Its <see cref="Csk"/>, which the key store still has; null without protection.</param>
    public void Resume(string? entityTag, ServiceKeyInfo? csk) => (_entityTag, _csk) = (entityTag, csk);

    /// <summary>
    /// Asks for the service, with settings (7.2.2): a fresh CSK, the access token, the client ID. Where a publication of this client
    /// stands it is that one which is modified (RFC 3903 §4.2); if the server knows it no more, a new one is made. If a trusted KMS
    /// redirect response names a KMS whose certificate the key store has, the CSK is made once more, for that one (TS 33.180 5.2.8).
    /// </summary>
    /// <param name="settings">Answer mode, user profile and the like.</param>
    /// <param name="cancellationToken">Ends the call; the server may have authorised all the same.</param>
    /// <exception cref="WatchwordClientException">No token, or no keys to make a CSK with.</exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<ServiceAuthorizationResult> AuthorizeAsync(PocSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        bool isModification = _entityTag is not null;
        ServiceAuthorizationResult result = await AuthorizeOnceAsync(settings, cancellationToken);
        // The tag is forgotten then, and what comes is a new publication under a CSK of its own.
        // The server is keyed by another KMS and says so in a way that is to be believed: once more, with a CSK for that one.
        bool isAgain = (isModification && result.Outcome == ServiceAuthorizationOutcome.Superseded)
            || (result.Outcome == ServiceAuthorizationOutcome.OtherSecurityDomain && Follow(result));
        return isAgain ? await AuthorizeOnceAsync(settings, cancellationToken) : result;
    }

    private async Task<ServiceAuthorizationResult> AuthorizeOnceAsync(PocSettings settings, CancellationToken cancellationToken)
    {
        (List<SipBodyPart> parts, ServiceKeyInfo? made) = await AskAsync(settings, cancellationToken);
        ServiceAuthorizationResult result = await PublishAsync(parts, options.ExpiresSeconds, _entityTag, cancellationToken);
        if (result.Outcome == ServiceAuthorizationOutcome.Done)
        {
            KeepOnly(made);
        }
        else if (made is not null && _offered.Remove(made))
        {
            // The server did not take it, and goes on with what it has.
            End(made);
        }

        return result;
    }

    /// <summary>
    /// Makes what asks for the service in the client's own REGISTER (TS 33.180 5.1.3.2.2; 7.2.1): info body with token and client ID,
    /// the message with a fresh CSK, signatures. The parts of all services of the UE go into one REGISTER, which the SIP core puts
    /// into its own to the server. The answer is that of the core and says nothing of the service: <see cref="ConfirmAsync"/> does.
    /// </summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The parts; they hold the access token and are not for logs.</returns>
    /// <exception cref="WatchwordClientException">No token, or no keys to make a CSK with.</exception>
    public async Task<IReadOnlyList<SipBodyPart>> OfferAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync(null, cancellationToken)).Parts;

    /// <summary>
    /// Finds out what became of a REGISTER with the parts of <see cref="OfferAsync"/>, by the settings that are to be published
    /// anyway (7.2.3): they are taken where the service is authorised, under the CSK that was offered last.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// <see cref="ServiceAuthorizationOutcome.UserUnknown"/>, and <see cref="ServiceAuthorizationOutcome.Refused"/> or
    /// <see cref="ServiceAuthorizationOutcome.ProtectionRefused"/> where an earlier authorisation stands: it was refused.
    /// </returns>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<ServiceAuthorizationResult> ConfirmAsync(PocSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ServiceKeyInfo? last = _offered.LastOrDefault() ?? _csk;
        ServiceAuthorizationResult result = await PublishAsync(
            Protect(Standing(), settings, last), options.ExpiresSeconds, null, cancellationToken);
        if (result.Outcome == ServiceAuthorizationOutcome.Done)
        {
            KeepOnly(last);
        }

        return result;
    }

    /// <summary>Changes settings of an authorisation that stands (7.2.3): no token, the MC service ID.</summary>
    /// <param name="settings">The settings, all of them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.ServiceKeyNotFound"/>: bodies are protected, and no authorisation stands whose CSK would do it.
    /// </exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public Task<ServiceAuthorizationResult> UpdateAsync(PocSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return SendProtectedAsync(csk => PublishAsync(
            Protect(Standing(), settings, csk), options.ExpiresSeconds, _entityTag, cancellationToken));
    }

    /// <summary>Lets the authorisation last on (RFC 3903 §4.1): nothing but the entity tag.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="SipSendException">No final response came.</exception>
    public Task<ServiceAuthorizationResult> RefreshAsync(CancellationToken cancellationToken = default) =>
        PublishAsync([], options.ExpiresSeconds, _entityTag, cancellationToken);

    /// <summary>Logs this client off (7.2.3, <c>Expires: 0</c>). The CSK is wiped when the server has said so.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.ServiceKeyNotFound"/>: bodies are protected, and no authorisation stands whose CSK would do it.
    /// </exception>
    /// <exception cref="SipSendException">No final response came.</exception>
    public async Task<ServiceAuthorizationResult> LogOffAsync(CancellationToken cancellationToken = default)
    {
        ServiceAuthorizationResult result = await SendProtectedAsync(
            csk => PublishAsync(Protect(Standing(), null, csk), 0, _entityTag, cancellationToken));
        if (result.Outcome == ServiceAuthorizationOutcome.Done)
        {
            Forget();
        }

        return result;
    }

    /// <summary>There is no authorisation any more: its tag is of no use, and every key ends.</summary>
    private void Forget()
    {
        _entityTag = null;
        KeepOnly(null);
    }

    /// <summary>The server has this key and no other.</summary>
    private void KeepOnly(ServiceKeyInfo? csk)
    {
        List<ServiceKeyInfo> ended = _csk is null || _csk == csk ? [] : [_csk];
        ended.AddRange(_offered.Where(key => key != csk));
        _csk = csk;
        _offered.Clear();
        ended.ForEach(End);
        EndReplaced();
    }

    private void End(ServiceKeyInfo key) => _ = tokens.Store.RevokeServiceKey(key);

    private McInfo Standing() => new(_names)
    {
        RequestUri = McInfoValue.FromUri(OwnId()),
        ClientId = McInfoValue.FromText(options.ClientId),
    };

    private string OwnId() => tokens.Store.Identity?.For(options.Service)
        ?? throw new WatchwordClientException(ClientFault.IdentityNotOwned, $"no identity in {options.Service}");

    // In a REGISTER the parts of several services stand beside each other.
    private string ContentId(string part) => $"{part}.{_names.Prefix}@watchword";

    /// <summary>What asks for the service, under a fresh CSK where it is protected.</summary>
    private async Task<(List<SipBodyPart> Parts, ServiceKeyInfo? Made)> AskAsync(
        PocSettings? settings, CancellationToken cancellationToken)
    {
        AccessToken token = await tokens.GetAccessTokenAsync(
            AccessTokenTarget.For(options.Service, McResource.Service), cancellationToken);
        MadeServiceKey? made = options.IsProtected ? keys.Create(
            KeyDistribution.CskUpload, [options.McxDomainUri],
            new ServiceKeyTerms { Service = options.Service, ReceiverKmsUri = _serverKms }) : null;
        McInfo info = new(_names)
        {
            AccessToken = McInfoValue.FromText(token.Reveal()),
            ClientId = McInfoValue.FromText(options.ClientId),
        };
        if (made is not null)
        {
            _offered.Add(made.Key);
        }

        List<SipBodyPart> parts = Protect(info, settings, made?.Key);
        if (made is not null)
        {
            parts.Add(SipBodyPart.Create(MikeyMediaType, made.Messages[0].Octets, ContentId("csk")));
        }

        return (parts, made?.Key);
    }

    private List<SipBodyPart> Protect(McInfo info, PocSettings? settings, ServiceKeyInfo? csk)
    {
        using XmlProtectionKeys? protection = options.IsProtected ? DeriveProtection(csk) : null;
        List<SipBodyPart> parts =
        [
            SipBodyPart.Create(
                _names.InfoMediaType,
                protection is not null && options.EncryptsValues ? info.WriteEncrypted(protection.Confidentiality) : info.Write(),
                ContentId("info")),
        ];
        if (settings is not null)
        {
            parts.Add(SipBodyPart.Create(PocSettings.MediaType, settings.Write(), ContentId("settings")));
        }

        if (protection is not null && options.SignsBodies)
        {
            Dictionary<string, ReadOnlyMemory<byte>> bodies = parts.ToDictionary(part => part.ContentId!, part => part.Content);
            parts.Add(SipBodyPart.Create(
                BodySignatures.MediaType, BodySignatures.Sign(bodies, protection.Integrity), ContentId("signatures")));
        }

        return parts;
    }

    /// <summary>What is to be protected never goes out plain for want of a key.</summary>
    private XmlProtectionKeys DeriveProtection(ServiceKeyInfo? csk)
    {
        using MikeyKey key = tokens.Store.OpenServiceKey(
            csk ?? throw new WatchwordClientException(ClientFault.ServiceKeyNotFound, "no authorisation stands"));
        return XmlProtectionKeys.Derive(key, OwnId(), options.XpkIdForm);
    }

    private async Task<ServiceAuthorizationResult> PublishAsync(
        List<SipBodyPart> parts, uint expires, string? entityTag, CancellationToken cancellationToken)
    {
        SipUri server = SipUri.Parse(options.ServerUri);
        SipRequest request = SipRequest.Create(SipMethods.Publish, server, SipUri.Parse(options.PublicUserIdentity), server);
        SipHeaders headers = request.Headers;
        headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
        headers.Add(SipHeaderNames.Expires, expires.ToString(CultureInfo.InvariantCulture));
        headers.Add(SipHeaderNames.PPreferredIdentity, $"<{options.PublicUserIdentity}>");
        headers.Add(SipHeaderNames.PPreferredService, _names.Icsi);
        headers.Add(SipHeaderNames.AcceptContact, $"*;{_names.FeatureTags[0]};require;explicit");
        if (entityTag is not null)
        {
            headers.Add(SipHeaderNames.SipIfMatch, entityTag);
        }

        if (parts.Count > 0)
        {
            SipBody.Write(request, parts);
        }

        SipResponse response = await send(request, cancellationToken);
        if (response.IsSuccess)
        {
            _entityTag = response.Headers.ETag ?? _entityTag;
        }

        ServiceAuthorizationResult result = Read(response);
        if (result.Outcome == ServiceAuthorizationOutcome.UserUnknown)
        {
            Forget();
        }
        else if (result.Outcome == ServiceAuthorizationOutcome.Superseded)
        {
            _entityTag = null;
        }

        return result;
    }

    private ServiceAuthorizationResult Read(SipResponse response)
    {
        int? warning = response.Headers.Warning.Select(McCode).FirstOrDefault(code => code is not null);
        _ = SipBody.TryRead(response, out IReadOnlyList<SipBodyPart> parts);
        return new ServiceAuthorizationResult(OutcomeOf(response.StatusCode, warning), response.StatusCode)
        {
            WarningCode = warning,
            RetryAfter = response.Headers.RetryAfter is { } wait ? TimeSpan.FromSeconds(wait.Seconds) : null,
            Lifetime = response.Headers.Expires is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            HasOtherDevices = parts.Any(SaysMultipleDevices),
            Redirects = response.StatusCode == 488 ? JudgeRedirects(parts) : [],
            RedirectResponses = [.. parts.Where(part => part.ContentType.Is(RedirectMediaType)).Select(part => part.Content)],
        };
    }

    private bool SaysMultipleDevices(SipBodyPart part)
    {
        if (!part.ContentType.Is(_names.InfoMediaType))
        {
            return false;
        }

        try
        {
            return McInfo.Parse(part.Content, _names).MultipleDevices?.AsBoolean() == true;
        }
        catch (McServicesFormatException)
        {
            // What cannot be read says nothing; the authorisation stands.
            return false;
        }
    }

    /// <summary>The code with which the text of a warning begins (TS 24.379 4.4).</summary>
    private static int? McCode(SipWarning warning) =>
        warning.Text.Length >= 3 && int.TryParse(warning.Text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int code)
            ? code
            : null;

    private static ServiceAuthorizationOutcome OutcomeOf(int status, int? warning) => (status, warning) switch
    {
        ( >= 200 and < 300, _) => ServiceAuthorizationOutcome.Done,
        (403, 139 or 140) => ServiceAuthorizationOutcome.ProtectionRefused,
        (403, _) => ServiceAuthorizationOutcome.Refused,
        (404, 141) => ServiceAuthorizationOutcome.UserUnknown,
        (412, _) => ServiceAuthorizationOutcome.Superseded,
        (486, 164) => ServiceAuthorizationOutcome.TooManyClients,
        (488, _) => ServiceAuthorizationOutcome.OtherSecurityDomain,
        (500 or 503, _) => ServiceAuthorizationOutcome.TryLater,
        _ => ServiceAuthorizationOutcome.Failed,
    };
}

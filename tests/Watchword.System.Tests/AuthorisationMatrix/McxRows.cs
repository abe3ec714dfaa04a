using Watchword.Identity;
using Watchword.Lab;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>What the requests to an MCX server have in common (TS 24.379, 24.281, 24.282 clause 7).</summary>
internal abstract record McxRow(string Name, McService Service) : SipRow("MCX server", Name, McResource.Service, Service)
{
    /// <summary>PUBLISH of settings, with or without a token in its info body.</summary>
    protected SipRequest Publish(McInfo info, int profile, string? impu = null)
    {
        string target = LabServices.ServerUri(Names);
        SipRequest request = ByCore(SipMethods.Publish, target, PocSettings.EventPackage, impu ?? Impu);
        request.Headers.Add(SipHeaderNames.PPreferredService, Names.Icsi);
        PocSettings settings = new()
        {
            Entities =
            [
                new PocSettingsEntity { Id = ClientId, AnswerMode = AnswerMode.Automatic, SelectedUserProfileIndex = profile },
            ],
        };
        SipBody.Write(request, [Part(info), SipBodyPart.Create(PocSettings.MediaType, settings.Write(), "settings@ue")]);
        return request;
    }

    /// <summary>The info body of a credential: its token, or none.</summary>
    protected McInfo Info(MatrixLab lab, Credential kind) => new(Names)
    {
        AccessToken = lab.Forge.Make(kind, Resource, Service) is { } token ? McInfoValue.FromText(token) : null,
        ClientId = McInfoValue.FromText(ClientId),
        RequestUri = kind == Credential.OtherUser ? McInfoValue.FromUri(OtherId(lab)) : null,
    };

    /// <summary>The info body of a request without token: the user's own identity, or another's.</summary>
    protected McInfo InfoOfSettings(MatrixLab lab, Credential kind) => new(Names)
    {
        ClientId = McInfoValue.FromText(ClientId),
        RequestUri = McInfoValue.FromUri(kind == Credential.OtherUser ? OtherId(lab) : IdOf(lab)),
    };

    /// <summary>Authorises the client of this row.</summary>
    protected async Task AuthorizeAsync(MatrixLab lab, CancellationToken cancellation)
    {
        SipResponse response = await lab.Core.SendAsync(Publish(Info(lab, Credential.Right), 1), lab.ServicesSip, cancellation);
        response.StatusCode.ShouldBe(200, response.Headers[SipHeaderNames.Warning]);
    }

    /// <summary>Whether the kind is a token, and not one of the scopes that are right here.</summary>
    protected bool IsWrongToken(Credential kind) => ScopesOf(kind) is { } only
        ? only != Resource
        : FaultOf(kind) is not null || kind is Credential.Absent or Credential.OtherMcService or Credential.NoServiceId
            or Credential.NetworkEntity or Credential.OtherUser;
}

/// <summary>PUBLISH with a token (7.3.3): authorises.</summary>
internal sealed record McxPublishRow(McService Service) : McxRow($"PUBLISH, {McServiceNames.All[(int)Service].Name}", Service)
{
    /// <inheritdoc/>
    public override bool Changes => true;

    /// <inheritdoc/>
    public override string? Expected(Credential kind) => kind switch
    {
        Credential.Right or Credential.WithinLeeway => "200",
        Credential.StrangerPeer => "403",
        _ => IsWrongToken(kind) ? "403 warning 101" : null,
    };

    /// <inheritdoc/>
    protected override SipRequest Request(MatrixLab lab, Credential kind) =>
        Publish(Info(lab, kind), kind == Credential.Right ? 1 : kind == Credential.WithinLeeway ? 2 : 3);
}

/// <summary>A third-party REGISTER with the client's own in it (7.3.2): authorises, and its answer does not say so.</summary>
internal sealed record McxRegisterRow(McService Service) : McxRow($"REGISTER, {McServiceNames.All[(int)Service].Name}", Service)
{
    private static uint _sequence;

    /// <summary>That the registration was heard of is kept whatever becomes of its tokens (TS 33.180 5.1.1).</summary>
    public override IReadOnlyCollection<string> NotCompared { get; } = ["mcx_registrations"];

    /// <summary>One that nothing else is registered under: a registration ends what it does not name.</summary>
    protected override string Impu => $"sip:{LabDomain.Dispatcher}-{Names.Prefix}@{LabServices.ImsDomain}";

    /// <inheritdoc/>
    public override bool Changes => true;

    /// <inheritdoc/>
    public override string? Expected(Credential kind) => kind switch
    {
        Credential.StrangerPeer => "403",
        _ => kind is Credential.Right or Credential.WithinLeeway || IsWrongToken(kind) ? "200" : null,
    };

    /// <inheritdoc/>
    protected override SipRequest Request(MatrixLab lab, Credential kind)
    {
        SipUri core = SipUri.Parse("sip:scscf." + LabServices.ImsDomain);
        SipRequest own = SipRequest.Create(
            SipMethods.Register, SipUri.Parse("sip:" + LabServices.ImsDomain), SipUri.Parse(Impu), SipUri.Parse(Impu));
        own.Headers.Add(
            SipHeaderNames.Contact, $"<sip:ue@10.1.1.1:5060>;+sip.instance=\"<{ClientId}>\";{Names.FeatureTags[0]}");
        own.Headers.AddFirst(SipHeaderNames.Via, "SIP/2.0/TCP 10.1.1.1:5060;branch=z9hG4bKue");
        SipBody.Write(own, [Part(Info(lab, kind))]);

        SipRequest request = new(SipMethods.Register, SipUri.Parse("sip:mcx." + LabDomain.IdentityDomain));
        request.Headers.Add(SipHeaderNames.MaxForwards, "70");
        request.Headers.Add(SipHeaderNames.From, $"<{core}>;tag={Guid.NewGuid():N}");
        request.Headers.Add(SipHeaderNames.To, $"<{Impu}>");
        request.Headers.Add(SipHeaderNames.CallId, $"{Service}@scscf");
        request.Headers.Add(SipHeaderNames.CSeq, $"{Interlocked.Increment(ref _sequence)} REGISTER");
        request.Headers.Add(SipHeaderNames.Contact, $"<{core}>");
        // A binding lives as long as its registration: those of the wrong tokens are shorter, so that none may move it.
        request.Headers.Add(SipHeaderNames.Expires, kind is Credential.Right or Credential.WithinLeeway ? "7200" : "3600");
        SipBody.Write(request, SipBodyPart.Create("message/sip", own.ToArray()));
        return request;
    }
}

/// <summary>PUBLISH of settings without a token (7.3.4): the binding of the public user identity decides.</summary>
internal sealed record McxSettingsRow() : McxRow("PUBLISH without token, MCPTT", McService.Mcptt)
{
    /// <inheritdoc/>
    public override bool Changes => true;

    /// <inheritdoc/>
    public override string? Expected(Credential kind) => kind switch
    {
        Credential.Right => "200",
        Credential.Absent or Credential.OtherUser => "404 warning 141",
        Credential.StrangerPeer => "403",
        _ => null,
    };

    /// <inheritdoc/>
    public override Task PrepareAsync(MatrixLab lab, CancellationToken cancellation) => AuthorizeAsync(lab, cancellation);

    /// <inheritdoc/>
    protected override SipRequest Request(MatrixLab lab, Credential kind) => Publish(
        InfoOfSettings(lab, kind), kind == Credential.Right ? 2 : 3,
        kind == Credential.Absent ? "sip:nobody@" + LabServices.ImsDomain : Impu);
}

/// <summary>SUBSCRIBE to settings (7.3.6): the binding decides.</summary>
internal sealed record McxSubscribeRow() : McxRow("SUBSCRIBE, MCPTT", McService.Mcptt)
{
    /// <inheritdoc/>
    public override bool Changes => true;

    /// <inheritdoc/>
    public override string? Expected(Credential kind) => kind switch
    {
        Credential.Right => "200",
        Credential.Absent => "404 warning 141",
        Credential.OtherUser or Credential.StrangerPeer => "403",
        _ => null,
    };

    /// <inheritdoc/>
    public override Task PrepareAsync(MatrixLab lab, CancellationToken cancellation) => AuthorizeAsync(lab, cancellation);

    /// <inheritdoc/>
    protected override SipRequest Request(MatrixLab lab, Credential kind)
    {
        string impu = kind == Credential.Absent ? "sip:nobody@" + LabServices.ImsDomain : Impu;
        SipRequest request = ByCore(SipMethods.Subscribe, LabServices.ServerUri(Names), PocSettings.EventPackage, impu);
        request.Headers.Add(SipHeaderNames.Accept, PocSettings.MediaType);
        request.Headers.Add(SipHeaderNames.Contact, $"<{impu}>");
        SipBody.Write(request, Part(InfoOfSettings(lab, kind)));
        return request;
    }
}

using System.Net;
using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx.Support;

/// <summary>A UE and the SIP core before it: makes the requests that the core would send on.</summary>
internal sealed class TestUe : IAsyncDisposable
{
    private readonly McxHost _host;
    private readonly SipTransport _transport;
    private readonly SipStack _stack;
    private uint _sequence;

    private TestUe(McxHost host, string user, string device, SipTransport transport)
    {
        (_host, User, Device, _transport) = (host, user, device, transport);
        _stack = new SipStack(new SipStackOptions());
    }

    public string User { get; }

    public string Device { get; }

    public string Impu => $"sip:{User}-line@ims.lab.example";

    public string ClientId => $"urn:uuid:00000000-0000-0000-0000-{Device.PadLeft(12, '0')}";

    public string Token => _host.Tokens.Create(User, _host.Now);

    public static TestUe Create(McxHost host, string user = "alice", string device = "1",
        SipTransport transport = SipTransport.Tcp) =>
        new(host, user, device, transport);

    public string IdOf(McServiceNames names) => UserIds.Of(User, (McService)(int)names.Kind);

    public McInfo Info(McServiceNames names, string? token = null) => new(names)
    {
        AccessToken = McInfoValue.FromText(token ?? Token),
        ClientId = McInfoValue.FromText(ClientId),
    };

    /// <summary>Without token: the MC service ID in the clear (TS 24.379 7.2.3).</summary>
    public McInfo SettingsInfo(McServiceNames names, string? id = null, string? clientId = null) => new(names)
    {
        RequestUri = McInfoValue.FromUri(id ?? IdOf(names)),
        ClientId = McInfoValue.FromText(clientId ?? ClientId),
    };

    public byte[] Settings(int profile = 1, AnswerMode mode = AnswerMode.Automatic) => new PocSettings
    {
        Entities = [new PocSettingsEntity { Id = ClientId, AnswerMode = mode, SelectedUserProfileIndex = profile }],
    }.Write();

    public SipBodyPart Part(McInfo info) => SipBodyPart.Create(info.Service.InfoMediaType, info.Write(), "info@ue");

    public SipBodyPart SettingsPart(int profile = 1) =>
        SipBodyPart.Create(PocSettings.MediaType, Settings(profile), "settings@ue");

    /// <summary>The usual PUBLISH: token, client ID and settings in the clear.</summary>
    public Task<SipResponse> PublishAsync(
        McServiceNames names, string? token = null, uint? expires = 3600, string? ifMatch = null) =>
        SendAsync(Publish(names, [Part(Info(names, token)), SettingsPart()], expires, ifMatch));

    public SipRequest Publish(
        McServiceNames names, IReadOnlyList<SipBodyPart> parts, uint? expires = 3600, string? ifMatch = null,
            string package = "poc-settings")
    {
        SipRequest request = SipRequest.Create(
            SipMethods.Publish, SipUri.Parse(McxHost.Psi(names)), SipUri.Parse(Impu), SipUri.Parse(McxHost.Psi(names)));
        request.Headers.Add(SipHeaderNames.Event, package);
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{Impu}>");
        request.Headers.Add(SipHeaderNames.PPreferredService, names.Icsi);
        if (expires is { } seconds)
        {
            request.Headers.Add(SipHeaderNames.Expires, $"{seconds}");
        }

        if (ifMatch is not null)
        {
            request.Headers.Add(SipHeaderNames.SipIfMatch, ifMatch);
        }

        SipBody.Write(request, parts);
        return request;
    }

    /// <summary>A third-party REGISTER with the client's own in it, whose Contact has the feature tags of these
    /// services.</summary>
    public SipRequest Register(
        IReadOnlyList<McServiceNames> services, IReadOnlyList<SipBodyPart> parts, uint expires = 3600, bool embeds = true,
        string? callId = null, uint? sequence = null)
    {
        SipUri core = SipUri.Parse("sip:scscf.ims.lab.example");
        SipRequest own = SipRequest.Create(
            SipMethods.Register, SipUri.Parse("sip:ims.lab.example"), SipUri.Parse(Impu), SipUri.Parse(Impu));
        own.Headers.Add(
            SipHeaderNames.Contact,
            $"<sip:ue@10.1.1.1:5060>;+sip.instance=\"<{ClientId}>\"" + string.Concat(
                services.Select(names => $";{names.FeatureTags[0]}")));
        own.Headers.AddFirst(SipHeaderNames.Via, "SIP/2.0/TCP 10.1.1.1:5060;branch=z9hG4bKue");
        SipBody.Write(own, parts);

        SipRequest request = new(SipMethods.Register, SipUri.Parse("sip:mcx.lab.example"));
        request.Headers.Add(SipHeaderNames.MaxForwards, "70");
        request.Headers.Add(SipHeaderNames.From, $"<{core}>;tag={Guid.NewGuid():N}");
        request.Headers.Add(SipHeaderNames.To, $"<{Impu}>");
        request.Headers.Add(SipHeaderNames.CallId, callId ?? $"{Device}-{User}@scscf");
        request.Headers.Add(SipHeaderNames.CSeq, $"{sequence ?? ++_sequence} REGISTER");
        request.Headers.Add(SipHeaderNames.Contact, $"<{core}>");
        request.Headers.Add(SipHeaderNames.Expires, $"{expires}");
        if (embeds)
        {
            SipBody.Write(request, SipBodyPart.Create("message/sip", own.ToArray()));
        }

        return request;
    }

    public async Task<SipResponse> SendAsync(SipRequest request)
    {
        IPEndPoint server = _host.Of(_transport);
        return await _stack.SendAsync(
            request, new SipDestination(_transport, server.Address.ToString(), server.Port),
                TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();
}

/// <summary>The keys of a user for one service, and bodies protected with a CSK of his.</summary>
internal sealed class TestProtection : IDisposable
{
    private readonly TestParty _party;
    private readonly MikeyKey _csk;
    private readonly string _owner;

    private TestProtection(TestParty party, MadeServiceKey made, string owner)
    {
        _party = party;
        _csk = party.Store.OpenServiceKey(made.Key);
        _owner = owner;
        Message = made.Messages[0].Octets;
    }

    /// <summary>The MIKEY message of the CSK.</summary>
    public ReadOnlyMemory<byte> Message { get; }

    public uint CskId => _csk.KeyId;

    public MikeyKey Csk => _csk;

    /// <summary>The user's keys, to take what the server sends.</summary>
    public ServiceKeyExchange Keys => _party.With(options => options with { McxServers = [McxHost.Mdsi] });

    /// <summary>The key of a message of the server, which the caller disposes.</summary>
    public MikeyKey Take(ReadOnlySpan<byte> message) => _party.Store.OpenServiceKey(Keys.Open(message).Key);

    public static async Task<TestProtection> CreateAsync(
        McxHost host, string userUri, string server = McxHost.Mdsi, TestDomain? domain = null, bool hides = false)
    {
        TestParty party = await TestParty.CreateAsync(host.Profile, userUri, domain: domain);
        MadeServiceKey made = party.Keys.Create(
            KeyDistribution.CskUpload, [server], new ServiceKeyTerms { HideIdentities = hides });
        return new TestProtection(party, made, userUri);
    }

    /// <summary>Info and settings: encrypted, signed, with the CSK beside them.</summary>
    public IReadOnlyList<SipBodyPart> Protect(
        TestUe ue, McInfo info, bool encrypts = true, bool signs = true, bool sendsCsk = true, int? profile = 1,
            MikeyKey? other = null)
    {
        using XmlProtectionKeys keys = XmlProtectionKeys.Derive(
            other ?? _csk, _owner, XpkIdForm.Octets);
        List<SipBodyPart> parts =
        [
            SipBodyPart.Create(
                info.Service.InfoMediaType, encrypts ? info.WriteEncrypted(keys.Confidentiality) : info.Write(), "info@ue"),
        ];
        if (profile is { } index)
        {
            parts.Add(ue.SettingsPart(index));
        }

        if (signs)
        {
            Dictionary<string, ReadOnlyMemory<byte>> bodies = parts.ToDictionary(part => part.ContentId!, part => part.Content);
            parts.Add(SipBodyPart.Create(BodySignatures.MediaType, BodySignatures.Sign(bodies, keys.Integrity), "signatures@ue"));
        }

        if (sendsCsk)
        {
            parts.Add(SipBodyPart.Create("application/mikey", Message, "csk@ue"));
        }

        return parts;
    }

    public void Dispose()
    {
        _csk.Dispose();
        _party.Dispose();
    }
}

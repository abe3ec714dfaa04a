using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.Client.Tests.Support;

/// <summary>A keyed user with a client of the service authorisation, and an MCX server with keys of its own beyond a function.</summary>
internal sealed class AuthorizedClient : IAsyncDisposable
{
    public const string Device = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";
    public static readonly PocSettings Settings = new() { Entities = [new PocSettingsEntity { Id = Device, SelectedUserProfileIndex = 1 }] };

    private AuthorizedClient(TestProfile profile, KeyStore store, TestParty server) => (Profile, Store, Server) = (profile, store, server);

    public TestProfile Profile { get; }

    public KeyStore Store { get; }

    public TestParty Server { get; }

    public ServiceAuthorizationClient Client { get; private set; } = null!;

    public string UserId => Store.Identity!.For(McService.Mcptt)!;

    /// <summary>What came at the server, oldest first.</summary>
    public List<SipRequest> Sent { get; } = [];

    /// <summary>What the server answers; 200 with an entity tag unless set.</summary>
    public Func<SipRequest, SipResponse> Answer { get; set; } = _ => Taken();

    /// <summary>Makes both, each with the keys of a domain.</summary>
    public static async Task<AuthorizedClient> CreateAsync(
        Func<ServiceAuthorizationOptions, ServiceAuthorizationOptions>? bend = null, TestDomain? serverDomain = null)
    {
        TestProfile profile = new();
        KeyStore store = await profile.OpenAsync();
        TokenCache tokens = await profile.LogInToStoreAsync(store);
        _ = store.KeepRootCertificate(TestDomain.Home.Certificate);
        DateTimeOffset now = profile.Time.GetUtcNow();
        KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(now);
        using (KmsKeySet keySet = TestDomain.Home.Issue(store.Identity!.For(McService.Mcptt)!, period.Number))
        {
            store.KeepKeySets([StoredKeySet.From(keySet, period, store.Root!, now)]);
        }

        TestParty server = await TestParty.CreateAsync(profile, TestParty.McxServer, isEntity: true, serverDomain);
        AuthorizedClient made = new(profile, store, server);
        ServiceAuthorizationOptions options = new()
        {
            Service = McService.Mcptt, ServerUri = "sip:mcptt@mcx.lab.example", McxDomainUri = TestParty.McxServer,
            PublicUserIdentity = "sip:alice@ims.lab.example", ClientId = Device,
        };
        made.Client = new ServiceAuthorizationClient(
            tokens, new ServiceKeyExchange(store, profile.Time, new ServiceKeyExchangeOptions { McxServers = [TestParty.McxServer] }),
            bend?.Invoke(options) ?? options,
            (request, _) =>
            {
                made.Sent.Add(request);
                return Task.FromResult(made.Answer(request));
            });
        return made;
    }

    public static SipResponse Taken()
    {
        SipResponse response = new(200);
        response.Headers.Add(SipHeaderNames.SipETag, "tag");
        return response;
    }

    public static SipResponse Refusal(int status, string warning)
    {
        SipResponse response = new(status);
        response.Headers.Add(SipHeaderNames.Warning, $"399 mcx.lab.example \"{warning}\"");
        return response;
    }

    /// <summary>The part of a media type of a request.</summary>
    public static SipBodyPart? Part(SipRequest request, string mediaType)
    {
        SipBody.TryRead(request, out IReadOnlyList<SipBodyPart> parts).ShouldBeTrue();
        return parts.SingleOrDefault(part => part.ContentType.Is(mediaType));
    }

    /// <summary>A MESSAGE of the server with a body of a type.</summary>
    public static SipRequest Message(ReadOnlyMemory<byte> mikey, string mediaType = "application/mikey", string? service = null)
    {
        SipUri user = SipUri.Parse("sip:alice@ims.lab.example");
        SipRequest request = SipRequest.CreateMessage(user, SipUri.Parse("sip:mcptt@mcx.lab.example"), user);
        if (service is not null)
        {
            request.Headers.Add(SipHeaderNames.PAssertedService, service);
        }

        SipBody.Write(request, SipBodyPart.Create(mediaType, mikey));
        return request;
    }

    public uint[] Usable() => [.. Store.ServiceKeys.Where(key => !key.IsRevoked).Select(key => key.KeyId)];

    public async ValueTask DisposeAsync()
    {
        Server.Dispose();
        Store.Dispose();
        Profile.Dispose();
        await Task.CompletedTask;
    }
}

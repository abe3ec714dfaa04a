using System.Net;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Every service times every kind of wrong token: the documented answer, and no state changed.</summary>
public sealed class TokenMatrixTests
{
    private static readonly string[] Kinds =
    [
        "absent", "empty", "no token", "expired", "from the future", "other issuer", "other audience", "no audience",
            "other service's scope",
        "key management scope", "no identity", "other domain's identity", "forged", "unsigned", "network entity",
            "other user's identity",
    ];

    public static TheoryData<int, string> Matrix
    {
        get
        {
            TheoryData<int, string> rows = [];
            foreach (string kind in Kinds)
            {
                rows.Add(0, kind);
                rows.Add(1, kind);
                rows.Add(2, kind);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_wrong_token_gets_403_with_warning_101_and_changes_nothing(int service, string kind)
    {
        McServiceNames names = McServiceNames.All[service];
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McInfo info = Info(host, ue, names, kind);
        (await ue.SendAsync(ue.Publish(names, [ue.Part(ue.Info(names)), ue.SettingsPart(3)]))).StatusCode.ShouldBe(200);
        string before = await StateAsync(host);

        SipResponse published = await ue.SendAsync(ue.Publish(names, [ue.Part(info), ue.SettingsPart(4)]));
        SipResponse registered = await ue.SendAsync(ue.Register([names], [ue.Part(info)]));

        PublishTests.Refusal(published).ShouldBe((403, "101 service authorisation failed"));
        registered.StatusCode.ShouldBe(200, "its result is the SIP core's");
        (await StateAsync(host)).ShouldBe(before);
    }

    [Fact]
    public async Task The_leeway_of_TS_33_180_B_2_is_given_and_no_more()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string Past(int seconds) => host.Tokens.Create(
            "alice", host.Now, ("exp", host.Now.AddSeconds(-seconds).ToUnixTimeSeconds()));

        (await ue.PublishAsync(McServiceNames.Mcptt, Past(31))).StatusCode.ShouldBe(403);
        (await ue.PublishAsync(McServiceNames.Mcptt, Past(29))).StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Who_is_no_peer_gets_403_whatever_he_asserts()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        IPEndPoint server = host.Of(SipTransport.Tcp);
        // Loopback has many addresses, of which one is the SIP core's.
        using System.Net.Sockets.Socket socket = new(
            server.AddressFamily, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        await socket.ConnectAsync(server, TestContext.Current.CancellationToken);
        foreach (SipRequest request in (SipRequest[])[
            ue.Publish(McServiceNames.Mcptt, [ue.Part(ue.Info(McServiceNames.Mcptt))]),
            ue.Register([McServiceNames.Mcptt], [ue.Part(ue.Info(McServiceNames.Mcptt))])])
        {
            request.Headers.AddFirst(SipHeaderNames.Via, $"SIP/2.0/TCP 127.0.0.9:5060;branch=z9hG4bK{Guid.NewGuid():N}");
            _ = await socket.SendAsync(request.ToArray(), TestContext.Current.CancellationToken);
            byte[] buffer = new byte[8192];
            int read = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            System.Text.Encoding.ASCII.GetString(buffer, 0, read).ShouldStartWith("SIP/2.0 403 ");
        }

        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    private static McInfo Info(McxHost host, TestUe ue, McServiceNames names, string kind)
    {
        McService service = (McService)(int)names.Kind;
        string claim = McClaims.For(service);
        string Token(params (string Name, object? Value)[] changes) => host.Tokens.Create("alice", host.Now, changes);
        string otherScope = McScopes.For((McService)(((int)service + 1) % 3), McResource.Service);
        McInfo With(string token) => ue.Info(names, token);
        return kind switch
        {
            "absent" => new McInfo(names) { ClientId = McInfoValue.FromText(ue.ClientId) },
            "empty" => With("."),
            "no token" => With("none of three"),
            "expired" => With(Token(("exp", host.Now.AddMinutes(-1).ToUnixTimeSeconds()))),
            "from the future" => With(Token(("nbf", host.Now.AddMinutes(5).ToUnixTimeSeconds()))),
            "other issuer" => With(Token(("iss", "https://idm.elsewhere.example"))),
            "other audience" => With(Token(("aud", "https://other.mc.example"))),
            "no audience" => With(Token(("aud", null))),
            "other service's scope" => With(Token(("scope", "openid " + otherScope))),
            "key management scope" => With(Token(("scope", McScopes.For(service, McResource.KeyManagement)))),
            "no identity" => With(Token((claim, null))),
            "other domain's identity" => With(Token((claim, "sip:alice@elsewhere.example"))),
            "forged" => With(host.Tokens.CreateForged("alice", host.Now)),
            "unsigned" => With(string.Join('.', Token().Split('.')[..2]) + "."),
            "network entity" => With(Token(
                ("mcptt_id", null), ("mcvideo_id", null), ("mcdata_id", null), (McClaims.EntityUri, "sip:gms@lab.example"))),
            _ => new McInfo(names)
            {
                AccessToken = McInfoValue.FromText(Token()),
                ClientId = McInfoValue.FromText(ue.ClientId),
                RequestUri = McInfoValue.FromUri(UserIds.Of("bob", service)),
            },
        };
    }

    private static async Task<string> StateAsync(McxHost host) => string.Join('\n', (await host.BindingsAsync())
        .Select(row => $"{row.Service} {row.ServiceId} {row.ClientId} {row.EntityTag} {row.ExpiresAt} {row.ProfileIndex} {row.CskId}"));
}

using System.Text;
using Watchword.Identity;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.ResourceServers.Tests.Support;

namespace Watchword.ResourceServers.Tests.ConfigurationManagement;

/// <summary>
/// Who may do what with configuration documents, over HTTP: every kind of wrong token and sender gets the status of TS 24.482
/// A.2.3 and RFC 6750, and changes nothing.
/// </summary>
public abstract class AccessSuite : OnDatabase
{
    private const string ServiceConfiguration = "/cms/org.3gpp.mcptt.service-config/global/service-config.xml";
    private const string Initial = "/cms/org.3gpp.mcptt.ue-init-config/users/urn:uuid:0001/ue";
    private const string InitialType = "application/vnd.3gpp.mcptt-ue-init-config+xml";
    private const string InitialDocument =
        "<mcptt-UE-initial-configuration xmlns=\"urn:3gpp:mcptt:mcpttUEinitConfig:1.0\" domain=\"mc.example\"><on-network><Timers/>"
        + "<App-Server-Info><idms-auth-endpoint>https://idm/a</idms-auth-endpoint><idms-token-endpoint>https://idm/t</idms-token-endpoint>"
        + "</App-Server-Info></on-network></mcptt-UE-initial-configuration>";

    private static readonly string Own = ServicesHost.ProfilePath();

    private protected AccessSuite(PostgreSqlCluster? cluster)
        : base(cluster)
    {
    }

    [Fact]
    public async Task Every_wrong_sender_gets_his_status_and_changes_nothing()
    {
        await using ServicesHost host = await StartAsync(("Services:Configuration:UsersMayWrite:0", ServicesHost.Profile));
        await host.PutAsync(Own, host.Administrator(), ServicesHost.ProfileOf());
        List<string> state = await host.StateAsync();
        string forged = host.Tokens.CreateForged("alice", host.Time.GetUtcNow());
        (string Case, string? Token, int Status, ServicesError Error)[] rows =
        [
            ("none", null, 403, ServicesError.SenderUnknown),
            ("expired", host.Token(changes: ("exp", host.Time.GetUtcNow().AddSeconds(-31).ToUnixTimeSeconds())), 401, 0),
            ("not yet valid", host.Token(changes: ("nbf", host.Time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds())), 401, 0),
            ("other issuer", host.Token(changes: ("iss", "https://other.example")), 401, 0),
            ("forged", forged, 401, 0),
            ("no token at all", "nonsense", 401, 0),
            ("no audience", host.Token(changes: ("aud", null)), 401, 0),
            ("the audience of the process", host.Token(changes: ("aud", "https://services.mc.example")), 401, 0),
            ("the audience of another service", host.Token(changes: ("aud", ServicesHost.GmsAudience)), 401, 0),
            ("the scopes of group management", host.Token(changes: ("scope", ServicesHost.Scopes(McResource.GroupManagement))),
                403, ServicesError.InsufficientScope),
            ("the scope of another service", host.Token(
                changes: ("scope", McScopes.For(McService.McVideo, McResource.ConfigurationManagement))), 403,
                    ServicesError.InsufficientScope),
            ("the scope without the identity", host.Token(changes: ("mcptt_id", null)), 403, ServicesError.InsufficientScope),
            ("another user", host.Token("bob"), 403, ServicesError.OtherUser),
            ("an identity of another domain", host.Token(changes: ("mcptt_id", "sip:alice.ptt@elsewhere.example")), 401, 0),
        ];
        foreach ((string name, string? token, int status, ServicesError error) in rows)
        {
            foreach (Answer answer in new[]
            {
                await host.GetAsync(Own, token),
                await host.PutAsync(Own, token, ServicesHost.ProfileOf(name: "changed")),
                await host.PutAsync(Own + "/~~/mcptt-user-profile/Name", token, "<Name/>", "application/xcap-el+xml"),
                await host.DeleteAsync(Own, token),
            })
            {
                answer.Status.ShouldBe(status, name);
                string challenge = answer.Headers.WwwAuthenticate.ToString();
                if (status == 401)
                {
                    challenge.ShouldContain("error=\"invalid_token\"", Case.Sensitive, name);
                }
                else
                {
                    answer.Text.ShouldContain($"\"code\":{(int)error}", Case.Sensitive, name);
                    challenge.Contains("insufficient_scope", StringComparison.Ordinal)
                        .ShouldBe(error == ServicesError.InsufficientScope, name);
                }

                if (error == ServicesError.InsufficientScope)
                {
                    challenge.ShouldContain("scope=\"3gpp:mc:ptt_config_management_service\"", Case.Sensitive, name);
                }
            }
        }

        (await host.StateAsync()).ShouldBe(state);
    }

    [Fact]
    public async Task An_asserted_identity_counts_only_from_a_trusted_peer_that_may_assert_it()
    {
        await using ServicesHost host = await StartAsync();
        await host.PutAsync(Own, host.Administrator(), ServicesHost.ProfileOf());
        List<string> state = await host.StateAsync();
        (string Name, string Value) header = (AssertedIdentityHeader.Name, $"\"{ServicesHost.Provisioning}\"");

        // A UE, or the proxy on its behalf: the header is nothing there, with a token and without.
        (await host.GetAsync(Own, null, header)).Status.ShouldBe(403);
        (await host.PutAsync(Own, null, ServicesHost.ProfileOf(), headers: header)).Status.ShouldBe(403);
        (await host.GetAsync(Own, host.Token("bob"), header)).Status.ShouldBe(403);
        (await host.GetAsync(Own, host.Token(), header)).Status.ShouldBe(200);

        (await host.AssertAsync(ServicesHost.Entity, HttpMethod.Get, Own)).Status.ShouldBe(200);
        (await host.AssertAsync(ServicesHost.Entity, HttpMethod.Put, Own, ServicesHost.ProfileOf())).Status.ShouldBe(403);
        (await host.AssertAsync(ServicesHost.Entity, HttpMethod.Delete, Own)).Status.ShouldBe(403);
        (await host.AssertAsync(ServicesHost.StrangeEntity, HttpMethod.Get, Own)).Status.ShouldBe(403);
        (await host.AssertAsync("sip:not-its-own@lab.example", HttpMethod.Get, Own)).Status.ShouldBe(403);
        Answer two = await ServicesHost.SendAsync(
            host.Peer, HttpMethod.Get, Own, null, null, null,
                (AssertedIdentityHeader.Name, $"\"{ServicesHost.Entity}\", \"sip:b@x\""));
        (two.Status, two.Text.Contains($"{(int)ServicesError.AssertedIdentityMalformed}", StringComparison.Ordinal)).ShouldBe(
            (403, true));

        // Beside a token the header is nothing (TS 24.482 A.2.3).
        Answer both = await ServicesHost.SendAsync(host.Peer, HttpMethod.Put, Own, host.Token("bob"),
            Encoding.UTF8.GetBytes(ServicesHost.ProfileOf()), "application/vnd.3gpp.mcptt-user-profile+xml", header);
        both.Status.ShouldBe(403);
        (await host.StateAsync()).ShouldBe(state);
        (await host.AssertAsync(ServicesHost.Provisioning, HttpMethod.Put, Own, ServicesHost.ProfileOf())).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Users_read_their_own_and_the_global_documents_and_write_what_configuration_lets_them()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator(), alice = host.Token();
        const string Type = "application/vnd.3gpp.mcptt-service-config+xml";
        const string Service = "<service-configuration-info xmlns=\"urn:3gpp:ns:mcpttServiceConfig:1.0\"><service-configuration-params domain=\"mc.example\"/>"
            + "</service-configuration-info>";
        await host.PutAsync(Own, root, ServicesHost.ProfileOf());
        Answer stored = await host.PutAsync(ServiceConfiguration, root, Service, Type);
        stored.Status.ShouldBe(201, stored.Text);
        (await host.GetAsync(ServiceConfiguration, alice)).Status.ShouldBe(200);
        (await host.GetAsync(ServiceConfiguration, host.Token("bob"))).Status.ShouldBe(200);
        (await host.PutAsync(ServiceConfiguration, alice, Service, Type)).Status.ShouldBe(403);
        (await host.PutAsync(Own, alice, ServicesHost.ProfileOf())).Status.ShouldBe(403);
        (await host.DeleteAsync(Own, alice)).Status.ShouldBe(403);

        // Names of deployed servers lead to the one name that a document has.
        (await host.GetAsync("/cms/org.3gpp.mcptt.service-config/global/mcptt-service-config.xml", alice)).ETag.ShouldBe(
            stored.ETag);

        await using ServicesHost open = await StartAsync(("Services:Configuration:UsersMayWrite:0", ServicesHost.Profile));
        (await open.PutAsync(Own, open.Token(), ServicesHost.ProfileOf())).Status.ShouldBe(201);
        (await open.PutAsync(ServicesHost.ProfilePath("bob"), open.Token(), ServicesHost.ProfileOf("bob"))).Status.ShouldBe(403);
        (await open.PutAsync(ServiceConfiguration, open.Token(), Service, Type)).Status.ShouldBe(403);
        (await open.DeleteAsync(Own, open.Token())).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_user_is_compared_without_percent_encoding()
    {
        await using ServicesHost host = await StartAsync();
        Answer made = await host.PutAsync(Own, host.Administrator(), ServicesHost.ProfileOf());
        string encoded = Own.Replace(":", "%3a", StringComparison.Ordinal).Replace("@", "%40", StringComparison.Ordinal);
        (await host.GetAsync(encoded, host.Token())).ETag.ShouldBe(made.ETag);
        (await host.GetAsync(Own.Replace("sip:", "SIP:", StringComparison.Ordinal), host.Token())).Status.ShouldBe(403);
        (await host.GetAsync(Own.Replace("@", "%2540", StringComparison.Ordinal), host.Token())).Status.ShouldBe(403);
    }

    [Fact]
    public async Task The_initial_configuration_is_read_without_a_token_and_has_defaults()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator();
        (await host.GetAsync(Initial, null)).Status.ShouldBe(404);
        Answer all = await host.PutAsync(
            "/cms/org.3gpp.mcptt.ue-init-config/users/default/default", root, InitialDocument, InitialType);
        all.Status.ShouldBe(201, all.Text);
        (await host.GetAsync(Initial, null)).ETag.ShouldBe(all.ETag);
        Answer ours = await host.PutAsync(
            "/cms/org.3gpp.mcptt.ue-init-config/users/default/localhost", root, InitialDocument, InitialType);
        (await host.GetAsync(Initial, null)).ETag.ShouldBe(ours.ETag);
        Answer own = await host.PutAsync(Initial, root, InitialDocument, InitialType);
        Answer read = await host.GetAsync(Initial, null);
        (read.Status, read.ETag, read.MediaType).ShouldBe((200, own.ETag, InitialType));
        (await host.GetAsync(Initial, "nonsense")).Status.ShouldBe(200);

        // Nobody writes without being somebody.
        (await host.PutAsync(Initial, null, InitialDocument, InitialType)).Status.ShouldBe(403);
        (await host.PutAsync(Initial, host.Token(), InitialDocument, InitialType)).Status.ShouldBe(403);
        (await host.DeleteAsync(Initial, null)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Reads_without_a_token_are_bounded_for_each_UE_and_for_all()
    {
        await using ServicesHost host = await StartAsync(
            ("Services:Configuration:OpenReadsPerMinute", "5"), ("Services:Configuration:OpenReadsPerUePerMinute", "2"));
        (await host.GetAsync(Initial, null)).Status.ShouldBe(404);
        (await host.GetAsync(Initial, null)).Status.ShouldBe(404);
        Answer third = await host.GetAsync(Initial, null);
        third.Status.ShouldBe(429);
        third.Headers.RetryAfter.ShouldNotBeNull();
        string other = Initial.Replace("0001", "0002", StringComparison.Ordinal);
        (await host.GetAsync(other, null)).Status.ShouldBe(404);
        (await host.GetAsync(other, null)).Status.ShouldBe(404);
        (await host.GetAsync(Initial.Replace("0001", "0003", StringComparison.Ordinal), null)).Status.ShouldBe(429);
        (await host.GetAsync(Own, host.Token())).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(McServiceKind.Mcptt)]
    [InlineData(McServiceKind.McVideo)]
    [InlineData(McServiceKind.McData)]
    public async Task Each_service_is_opened_by_its_own_scope(McServiceKind kind)
    {
        await using ServicesHost host = await StartAsync();
        McService service = (McService)(int)kind;
        string prefix = McServiceNames.Of(kind).Prefix;
        string path = $"/cms/org.3gpp.{prefix}.ue-config/users/{UserIds.Of("alice", service)}/ue";
        foreach (McService granted in AnnexB.Services)
        {
            string token = host.Token(changes: ("scope", McScopes.For(granted, McResource.ConfigurationManagement)));
            (await host.GetAsync(path, token)).Status.ShouldBe(granted == service ? 404 : 403);
        }
    }
}

/// <summary>On SQLite.</summary>
public sealed class AccessOnSqliteTests() : AccessSuite(null);

/// <summary>On PostgreSQL.</summary>
public sealed class AccessOnPostgreSqlTests(PostgreSqlCluster cluster) : AccessSuite(cluster);

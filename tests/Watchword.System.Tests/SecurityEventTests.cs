using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Idm.Server.Accounts;
using Watchword.Lab;
using Watchword.Lab.Walk;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers;
using Watchword.Sip;

namespace Watchword.SystemTests;

/// <summary>
/// An account that is disabled at the IdM server, over HTTP to the MCX server (RFC 8417, RFC 8935): what was authorised for it is gone
/// there before the event is acknowledged, and nothing of anybody else's. Real servers and clients; the database is looked at.
/// </summary>
public sealed class SecurityEventTests : IAsyncLifetime
{
    private static readonly string[] Tables = ["mcx_bindings", "mcx_settings_subscriptions", "mcx_affiliations"];

    private readonly LabDirectories _directories = new(TemporaryDirectory.Create());
    private readonly List<IAsyncDisposable> _ues = [];
    private LabDescription _lab = null!;
    private RunningDomain _domain = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(_directories.Root, TimeProvider.System);
        LabPorts ports = LabPorts.FindFree();
        _lab = await new LabSetup(_directories, ca, TimeProvider.System).PrepareAsync(ports, before: null, Token);
        _domain = await RunningDomain.StartAsync(LabSite.Home(_directories, ports, ca, TimeProvider.System), _lab, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable ue in _ues)
        {
            await ue.DisposeAsync();
        }

        await _domain.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directories.Root, recursive: true);
    }

    [Fact]
    public async Task A_disabled_account_loses_bindings_keys_and_subscriptions_and_others_lose_nothing()
    {
        Ue leaver = await StartAsync(LabDomain.Leaver), other = await StartAsync(LabDomain.Dispatcher);
        string[] before = await RowsAsync(leaver, isOf: false);
        (await RowsAsync(leaver, isOf: true)).Length.ShouldBe(2, "a binding with its CSK, and a subscription");
        before.Length.ShouldBe(2);

        await using (AsyncServiceScope scope = _domain.Servers.Idm.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<AccountDirectory>().DisableAsync(LabDomain.Leaver, Token);
        }

        await _domain.Servers.WaitForEventsAsync(_domain.Services.Application, Token);

        (await RowsAsync(leaver, isOf: true)).ShouldNotContain(row => row.StartsWith("mcx_bindings", StringComparison.Ordinal));
        (await RowsAsync(leaver, isOf: false)).ShouldBe(before);
        ServiceAuthorizationResult late = await leaver.Client.UpdateAsync(Ue.Settings, Token);
        (late.StatusCode, late.WarningCode, late.Outcome).ShouldBe((404, 141, ServiceAuthorizationOutcome.UserUnknown));
        leaver.Client.Csk.ShouldBeNull("it protects nothing any more");
        ServiceAuthorizationResult again = await leaver.AuthorizeUnderAsync(leaver.Issued);
        (again.StatusCode, again.WarningCode).ShouldBe((403, 101), "a token that is good by itself");
        await UntilAsync(
            async () => (await RowsAsync(leaver, isOf: true)).Length == 0, "the subscription ends when its subscriber was told");
        await UntilAsync(() => Task.FromResult(leaver.States.Contains("terminated")), "the subscriber is not told");
        (await other.Client.UpdateAsync(Ue.Settings, Token)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        other.States.ShouldNotContain("terminated");
    }

    [Fact]
    public async Task What_the_IdM_server_did_not_sign_is_refused_and_changes_nothing()
    {
        Ue leaver = await StartAsync(LabDomain.Leaver);
        string[] before = await RowsAsync(leaver, isOf: true);
        string subject = Claims(leaver.Issued)["sub"]!.GetValue<string>();
        JsonObject header = Part(leaver.Issued, 0);
        using ECDsa foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string known = header["kid"]!.GetValue<string>();
        string elsewhere = _lab.Idm + "/elsewhere";

        (string What, string Token)[] deliveries =
        [
            ("of a key of another under the kid of the IdM server", Sign(foreign, known, Event(subject, _lab.Idm))),
            ("of a key that the IdM server has not", Sign(foreign, "stranger", Event(subject, _lab.Idm))),
            ("of an issuer that nobody trusts", Sign(foreign, known, Event(subject, elsewhere))),
            ("without a signature", Unsigned(known, Event(subject, _lab.Idm))),
            ("a token that the IdM server signed, for access", leaver.Issued),
        ];
        foreach ((string what, string token) in deliveries)
        {
            (await DeliverAsync(token)).ShouldBe(HttpStatusCode.BadRequest, what);
            (await RowsAsync(leaver, isOf: true)).ShouldBe(before, what);
        }

        (await leaver.Client.UpdateAsync(Ue.Settings, Token)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
    }

    /// <summary>A user with keys, a CSK, an authorisation for MCPTT, and a subscription to his settings.</summary>
    private async Task<Ue> StartAsync(string user)
    {
        string scratch = Path.Combine(_directories.Root, "ue-" + user);
        Directory.CreateDirectory(scratch);
        WalkProfile profile = await WalkProfile.CreateAsync(user, scratch, _domain.Servers, TimeProvider.System, cancellation: Token);
        Ue ue = await Ue.StartAsync(profile, _domain.Services);
        _ues.Add(ue);
        await profile.LogInAsync(_lab.Users[user].Password, Token);
        await profile.Keys.InitializeAsync(Token);
        _ = await profile.Keys.ProvisionAsync(cancellationToken: Token);
        ServiceAuthorizationResult result = await ue.Client.AuthorizeAsync(Ue.Settings, Token);
        await UntilAsync(
            async () => result.Outcome != ServiceAuthorizationOutcome.TryLater
                || (result = await ue.Client.AuthorizeAsync(Ue.Settings, Token)).Outcome != ServiceAuthorizationOutcome.TryLater,
            "the server is not keyed");
        result.Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        (await ue.SubscribeAsync()).StatusCode.ShouldBe(200);
        await UntilAsync(() => Task.FromResult(ue.States.Contains("active")), "no NOTIFY comes");
        // What the server does behind its answers is done: from here on nothing of it changes by itself.
        await UntilAsync(
            async () => await CountAsync("mcx_settings_subscriptions", "DueAt") + await CountAsync("mcx_bindings", "AffiliationDueAt") == 0,
            "the server does not come to rest");
        ue.Issued = (await profile.Tokens.GetAccessTokenAsync(AccessTokenTarget.For(McService.Mcptt, McResource.Service), Token)).Reveal();
        return ue;
    }

    /// <summary>The rows of a user, or of all others, each as text with all its columns.</summary>
    private async Task<string[]> RowsAsync(Ue ue, bool isOf)
    {
        List<string> rows = [];
        await using SqliteConnection connection = new(Database());
        await connection.OpenAsync(Token);
        foreach (string table in Tables)
        {
            await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // A name out of the list above.
            command.CommandText = $"SELECT * FROM {table} WHERE ServiceId {(isOf ? "=" : "<>")} $user ORDER BY 1, 2, 3";
#pragma warning restore CA2100
            _ = command.Parameters.AddWithValue("$user", ue.ServiceId);
            await using SqliteDataReader reader = await command.ExecuteReaderAsync(Token);
            while (await reader.ReadAsync(Token))
            {
                rows.Add(table + " " + string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(
                    i => reader.GetName(i) + "=" + (reader.GetValue(i) is byte[] octets ? Convert.ToHexString(octets) : reader.GetValue(i)))));
            }
        }

        return [.. rows];
    }

    /// <summary>How many rows of a table have something in a column.</summary>
    private async Task<long> CountAsync(string table, string column)
    {
        await using SqliteConnection connection = new(Database());
        await connection.OpenAsync(Token);
        await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Names out of this file.
        command.CommandText = $"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL";
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private string Database() => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(_directories.Services, "services.db"), Mode = SqliteOpenMode.ReadOnly,
    }.ToString();

    private async Task<HttpStatusCode> DeliverAsync(string token)
    {
        using TlsTrust trust = TlsTrust.FromCaFile(_domain.Servers.CaFile);
        using HttpClient http = new(trust.CreateHandler());
        using StringContent body = new(token);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/secevent+jwt");
        using HttpResponseMessage response = await http.PostAsync(
            new Uri(_domain.Servers.Ports.ServicesUrl + ServicesExtensions.SecurityEventsPath), body, Token);
        return response.StatusCode;
    }

    /// <summary>The event that disables a subject, as the IdM server would write it, of the epoch and number that come next.</summary>
    private static JsonObject Event(string subject, string issuer) => new()
    {
        ["iss"] = issuer,
        ["aud"] = LabDomain.AudienceOf(McResource.Service),
        ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        ["jti"] = Guid.NewGuid().ToString("N"),
        ["toe"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        ["sub_id"] = new JsonObject { ["format"] = "iss_sub", ["iss"] = issuer, ["sub"] = subject },
        ["urn:watchword:epoch"] = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        ["urn:watchword:seq"] = 1,
        ["events"] = new JsonObject
        {
            ["https://schemas.openid.net/secevent/risc/event-type/account-disabled"] = new JsonObject(),
        },
    };

    private static string Sign(ECDsa key, string keyId, JsonObject claims)
    {
        string signed = Encode(Header("ES256", keyId)) + "." + Encode(claims);
        return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
    }

    private static string Unsigned(string keyId, JsonObject claims) => Encode(Header("none", keyId)) + "." + Encode(claims) + ".";

    private static JsonObject Header(string algorithm, string keyId) =>
        new() { ["alg"] = algorithm, ["kid"] = keyId, ["typ"] = "secevent+jwt" };

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static JsonObject Claims(string token) => Part(token, 1);

    private static JsonObject Part(string token, int index) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]))!.AsObject();

    private static async Task UntilAsync(Func<Task<bool>> isSo, string otherwise)
    {
        for (int i = 0; !await isSo(); i++)
        {
            i.ShouldBeLessThan(1200, otherwise);
            await Task.Delay(50, Token);
        }
    }

    /// <summary>A device: its client, and where NOTIFY reaches it.</summary>
    private sealed class Ue : IAsyncDisposable
    {
        private const string ClientId = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";

        private readonly WalkProfile _profile;
        private readonly LabServices _services;
        private readonly SipStack _stack;
        private readonly ConcurrentQueue<string> _states = [];

        private Ue(WalkProfile profile, LabServices services)
        {
            (_profile, _services) = (profile, services);
            _stack = new SipStack(new SipStackOptions
            {
                Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))],
                Peers = new SipPeers([new SipPeer("core") { Networks = [IPNetwork.Parse("127.0.0.1/32")] }]),
            });
            _stack.Map(SipMethods.Notify, (request, _) =>
            {
                _states.Enqueue(request.Request.Headers.SubscriptionState!.Value);
                return Task.FromResult(request.CreateResponse(200));
            });
            Client = new ServiceAuthorizationClient(
                profile.Tokens,
                new ServiceKeyExchange(
                    profile.Store, TimeProvider.System, new ServiceKeyExchangeOptions { McxServers = [LabServices.McxDomainUri] }),
                new ServiceAuthorizationOptions
                {
                    Service = McService.Mcptt, ServerUri = Server, McxDomainUri = LabServices.McxDomainUri,
                    PublicUserIdentity = LabSipCore.IdentityOf(profile.Name), ClientId = ClientId, ExpiresSeconds = 3600,
                },
                services.Core.SendAsync);
        }

        public static PocSettings Settings { get; } = new()
        {
            Entities = [new PocSettingsEntity { Id = ClientId, AnswerMode = AnswerMode.Automatic, SelectedUserProfileIndex = 1 }],
        };

        public ServiceAuthorizationClient Client { get; }

        /// <summary>A token for the MCX server, from when he was enabled.</summary>
        public string Issued { get; set; } = string.Empty;

        public string ServiceId => _profile.Store.Identity!.For(McService.Mcptt)!;

        /// <summary>The states of the subscription that it was told.</summary>
        public IReadOnlyCollection<string> States => _states;

        private static string Server => LabServices.ServerUri(McServiceNames.Mcptt);

        public static async Task<Ue> StartAsync(WalkProfile profile, LabServices services)
        {
            Ue ue = new(profile, services);
            await ue._stack.StartAsync();
            return ue;
        }

        /// <summary>SUBSCRIBE to the own settings (TS 24.379 7.3.6).</summary>
        public Task<SipResponse> SubscribeAsync()
        {
            SipUri server = SipUri.Parse(Server), user = SipUri.Parse(LabSipCore.IdentityOf(_profile.Name));
            SipRequest request = SipRequest.Create(SipMethods.Subscribe, server, user, server);
            request.Headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
            request.Headers.Add(SipHeaderNames.Accept, PocSettings.MediaType);
            request.Headers.Add(SipHeaderNames.Expires, "3600");
            request.Headers.Add(SipHeaderNames.PPreferredIdentity, $"<{user}>");
            request.Headers.Add(
                SipHeaderNames.Contact, $"<sip:{_profile.Name}@127.0.0.1:{_stack.Listeners[0].EndPoint.Port};transport=tcp>");
            McInfo info = new(McServiceNames.Mcptt) { RequestUri = McInfoValue.FromUri(ServiceId) };
            SipBody.Write(request, SipBodyPart.Create(McServiceNames.Mcptt.InfoMediaType, info.Write()));
            return _services.Core.SendAsync(request, Token);
        }

        /// <summary>Asks for the service in the clear, under a token of before.</summary>
        public async Task<ServiceAuthorizationResult> AuthorizeUnderAsync(string token)
        {
            SipUri server = SipUri.Parse(Server), user = SipUri.Parse(LabSipCore.IdentityOf(_profile.Name));
            SipRequest request = SipRequest.Create(SipMethods.Publish, server, user, server);
            request.Headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
            request.Headers.Add(SipHeaderNames.Expires, "3600");
            request.Headers.Add(SipHeaderNames.PPreferredIdentity, $"<{user}>");
            McInfo info = new(McServiceNames.Mcptt)
            {
                AccessToken = McInfoValue.FromText(token), ClientId = McInfoValue.FromText(ClientId),
            };
            SipBody.Write(
                request, SipBodyPart.Create(McServiceNames.Mcptt.InfoMediaType, info.Write(), "info@ue"),
                SipBodyPart.Create(PocSettings.MediaType, Settings.Write(), "settings@ue"));
            SipResponse response = await _services.Core.SendAsync(request, Token);
            int? warning = response.Headers.Warning.Count > 0
                ? int.Parse(response.Headers.Warning[0].Text.AsSpan(0, 3), CultureInfo.InvariantCulture)
                : null;
            return new ServiceAuthorizationResult(ServiceAuthorizationOutcome.Refused, response.StatusCode) { WarningCode = warning };
        }

        public async ValueTask DisposeAsync()
        {
            await _stack.DisposeAsync();
            _profile.Dispose();
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Groups.Support;

/// <summary>
/// A group management server in this process, as the executable builds it: TLS, its database, validation of tokens, keys of a domain
/// that is made here. Its clock stands still.
/// </summary>
internal sealed class GroupHost : IAsyncDisposable
{
    public const string Audience = "https://gms.mc.example";
    public const string Psi = "sip:groups@gms.lab.example";
    public const string CreationXui = "sip:group-creation@lab.example";
    public const string Domain = "groups.lab.example";
    public const string Group = "sip:rescue@" + Domain;
    public const string McpttScope = "openid 3gpp:mc:ptt_group_management_service";

    private readonly Dictionary<string, TestParty> _people = [];
    private readonly TestTokens _tokens = new();
    private readonly TestCore _core;
    private readonly string? _database;
    private WebApplication? _application;

    private GroupHost(TestCore core, string? database) => (_core, _database) = (core, database);

    public TestProfile Profile { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public TestCore Core => _core;

    public IServiceProvider Services => _application!.Services;

    public SipDestination Sip => new(
        SipTransport.Tcp, "127.0.0.1", Services.GetRequiredService<SipHost>().Listeners.Single().EndPoint.Port);

    public DateTimeOffset Now => Profile.Time.GetUtcNow();

    /// <summary>A server on SQLite, or on the PostgreSQL database of a connection string.</summary>
    public static async Task<GroupHost> StartAsync(string? database = null)
    {
        GroupHost host = new(await TestCore.StartAsync(), database);
        host._tokens.WriteJwks(Path.Combine(host.Profile.Directory, "jwks.json"));
        (await TestParty.CreateAsync(host.Profile, TestParty.GroupServer, isEntity: true)).Dispose();
        host.WriteFiles();
        await host.StartHostAsync();
        return host;
    }

    public static string Uri(string name) => $"sip:{name}@lab.example";

    public static string ByGroupId(string group = Group) => ApplicationUsage.Groups.GlobalPath(ApplicationUsage.ByGroupId, group);

    /// <summary>A group with these members, alice's unless it is said otherwise.</summary>
    public static GroupDocument Document(params string[] members) => new()
    {
        Uri = Group,
        Owner = Uri("alice"),
        SupportedServices = [GroupService.Of(McServiceNames.Mcptt)],
        Members = [.. members.Select(name => new GroupMember(Uri(name)))],
    };

    public string TokenOf(string user, params (string Name, object? Value)[] changes) => _tokens.Create(
        user, Now,
        [("aud", Audience), ("scope", McpttScope), ("mcptt_id", Uri(user)), ("mcvideo_id", null), ("mcdata_id", null), .. changes]);

    public string ForgedTokenOf(string user) => _tokens.CreateForged(user, Now);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, byte[]? body = null, string? type = null,
        params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, "gms/" + path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type ?? ApplicationUsage.Groups.MediaType);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<HttpStatusCode> PutAsync(string user, GroupDocument document, string? path = null)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Put, path ?? ByGroupId(), TokenOf(user), document.Write());
        return response.StatusCode;
    }

    /// <summary>Alice makes the group in her directory.</summary>
    public async Task CreateAsync(params string[] members) => (await PutAsync(
        "alice", Document(members), ApplicationUsage.Groups.UserPath(Uri("alice"), "rescue.xml"))).ShouldBe(HttpStatusCode.Created);

    /// <summary>The keyed profile of a user.</summary>
    public async Task<TestParty> PartyAsync(string user)
    {
        if (!_people.TryGetValue(user, out TestParty? party))
        {
            _people[user] = party = await TestParty.CreateAsync(Profile, Uri(user));
        }

        return party;
    }

    /// <summary>What he fetches of the keys of the group; the status if that is nothing.</summary>
    public async Task<(HttpStatusCode Status, IReadOnlyList<byte[]> Messages)> FetchAsync(string user, string group = Group)
    {
        Profile.Time.Advance(TimeSpan.FromSeconds(2));
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, "group-keys/" + group, TokenOf(user));
        List<byte[]> messages = [];
        if (response.StatusCode == HttpStatusCode.OK)
        {
            MultipartReader reader = new(
                response.Content.Headers.ContentType!.Parameters.Single(p => p.Name == "boundary").Value!,
                await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            while (await reader.ReadNextSectionAsync(TestContext.Current.CancellationToken) is { } section)
            {
                section.ContentType.ShouldBe("application/mikey");
                using MemoryStream copy = new();
                await section.Body.CopyToAsync(copy, TestContext.Current.CancellationToken);
                messages.Add(copy.ToArray());
            }
        }

        return (response.StatusCode, messages);
    }

    /// <summary>Fetches and takes what is there into his key store; the GMK that he would send under then, or null.</summary>
    public async Task<uint?> TakeAsync(string user)
    {
        TestParty party = await PartyAsync(user);
        foreach (byte[] message in (await FetchAsync(user)).Messages)
        {
            _ = party.Keys.Open(message, new ServiceKeyMessageContext { IsFromDocument = true });
        }

        return Sending(party);
    }

    public static uint? Sending(TestParty party) => party.Store.FindSendingKey(
        ServiceKeyScope.ForGroup(party.Uri, Group, Watchword.Mikey.KeyPurpose.Gmk))?.KeyId;

    public async Task RestartAsync()
    {
        await StopHostAsync();
        await StartHostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        await _core.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _people.Values.ToList().ForEach(person => person.Dispose());
        _tokens.Dispose();
        Profile.Dispose();
    }

    private async Task StopHostAsync()
    {
        Http?.Dispose();
        if (_application is { } application)
        {
            await application.StopAsync();
            await application.DisposeAsync();
            _application = null;
        }
    }

    private async Task StartHostAsync()
    {
        _application = ServicesApplication.Create([], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(Configuration());
            builder.Services.AddSingleton<TimeProvider>(Profile.Time);
            builder.Services.AddSingleton<Func<HttpMessageHandler>>(() => new Unreachable());
        });
        await _application.StartAsync();
        string address = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions
            {
#pragma warning disable CA5359 // What certificates are worth is tested elsewhere.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
        };
        Http = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{new Uri(address).Port}/") };
    }

    private Dictionary<string, string?> Configuration()
    {
        string directory = Profile.Directory;
        Dictionary<string, string?> values = new()
        {
            ["Authorization:Audience"] = "https://other.mc.example",
            ["Authorization:Issuers:0:Issuer"] = TestTokens.Issuer,
            ["Authorization:Issuers:0:JwksFile"] = Path.Combine(directory, "jwks.json"),
            ["Authorization:Issuers:0:IdentityDomains:0"] = TestTokens.Domain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
            ["Services:DataDirectory"] = Path.Combine(directory, "services"),
            ["Services:Listen:0"] = "https://127.0.0.1:0",
            ["Services:Tls:CertificateFile"] = Path.Combine(directory, "server.pem"),
            ["Services:Tls:KeyFile"] = Path.Combine(directory, "server.key"),
            ["Services:Sip:Listen:0"] = "tcp://127.0.0.1:0",
            ["Services:Sip:Core"] = $"tcp://127.0.0.1:{_core.Destination.Port}",
            ["Services:Sip:Peers:0:Name"] = "core",
            ["Services:Sip:Peers:0:Networks:0"] = "127.0.0.1/32",
        };
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
        [
            ("Enabled", "true"), ("Audience", Audience), ("XcapRoot", "https://localhost:0/gms"), ("SubscriptionUri", Psi),
            ("GroupCreationXuis:0", CreationXui), ("GroupIdDomains:0", Domain), ("MaxDocumentsPerUser", "2"),
            ("AuthorisedServers:0", "sip:mcx@lab.example"), ("Administrators:0", "sip:provisioning@lab.example"),
            ("Identity:Uri", TestParty.GroupServer), ("Identity:Idm", "https://idm.unreachable.example"),
            ("Identity:Kms", "https://kms.unreachable.example"), ("Identity:ClientId", "group-management-server"),
            ("Identity:CredentialFile", Path.Combine(directory, "entity.pem")),
            ("Identity:StoreDirectory", Path.Combine(directory, TestParty.GroupServer.Replace(':', '_'))),
            ("Identity:StoreKeyFile", Path.Combine(directory, "unlock.key")),
        ])
        {
            values["Services:Groups:" + name] = value;
        }

        if (_database is not null)
        {
            values["Services:Store:Provider"] = "PostgreSql";
            values["Services:Store:ConnectionString"] = _database;
        }

        return values;
    }

    private void WriteFiles()
    {
        Directory.CreateDirectory(
            Path.Combine(Profile.Directory, "services"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));
        File.WriteAllText(Path.Combine(Profile.Directory, "server.pem"), certificate.ExportCertificatePem());
        foreach (string name in (string[])["server.key", "entity.pem"])
        {
            string path = Path.Combine(Profile.Directory, name);
            File.WriteAllText(path, key.ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Neither IdM server nor KMS answers: what is in the key store is all there is.</summary>
    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.ConnectionError);
    }
}

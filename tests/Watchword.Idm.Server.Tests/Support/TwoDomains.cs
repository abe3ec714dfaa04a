using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>
/// A primary IdM server with alice, and a partner that takes its security tokens by its metadata; beside it the partner takes those
/// of another primary, by a key file whose key the test holds.
/// </summary>
internal sealed class TwoDomains : IAsyncDisposable
{
    public const string Partner = "https://idm.partner.example";
    public const string OtherPartner = "https://idm.other.example";
    public const string ForgeIssuer = "https://idm.forge.example";
    public const string ForgeDomain = "forge.example";
    public const string KeyScope = "3gpp:mc:ptt_key_management_service";
    public const string VideoKeyScope = "3gpp:mc:video_key_management_service";

    private readonly string directory;

    private TwoDomains(IdmHost primary, IdmHost partner, FakeTimeProvider time, ECDsa forge, string directory)
    {
        Primary = primary;
        PartnerHost = partner;
        Time = time;
        Forge = forge;
        this.directory = directory;
        PrimaryHttp = primary.CreateClient();
        PartnerHttp = partner.CreateClient();
    }

    public IdmHost Primary { get; }

    public IdmHost PartnerHost { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>The key of the other primary.</summary>
    public ECDsa Forge { get; }

    public HttpClient PrimaryHttp { get; }

    public HttpClient PartnerHttp { get; private set; }

    public static async Task<TwoDomains> StartAsync(Dictionary<string, string?>? partnerSettings = null)
    {
        FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        IdmHost primary = await IdmHost.StartAsync(
            new()
            {
                ["Idm:PartnerServers:0:Resource"] = Partner,
                ["Idm:PartnerServers:0:Services:0"] = "mcptt",
                ["Idm:PartnerServers:0:Services:1"] = "mcdata",
                ["Idm:PartnerServers:1:Resource"] = OtherPartner,
                ["Idm:PartnerServers:1:Services:0"] = "mcvideo",
                ["Idm:PartnerServers:1:SigningAlgorithm"] = "RS256",
            },
            time: time);
        await primary.AddAliceAsync();
        string directory = Directory.CreateTempSubdirectory("watchword-idm-test-").FullName;
        ECDsa forge = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Dictionary<string, string?> settings = Settings(primary, directory, forge);
        foreach ((string name, string? value) in partnerSettings ?? [])
        {
            settings[name] = value;
        }

        IdmHost partner = await IdmHost.StartAsync(settings, directory, time);
        return new TwoDomains(primary, partner, time, forge, directory) { settings = settings };
    }

    private Dictionary<string, string?> settings = [];

    /// <summary>alice's access token at the primary.</summary>
    public async Task<string> AccessTokenAsync(string? scope = null)
    {
        using CodeFlow flow = new(Primary);
        return (await flow.GetTokensAsync(scope: scope)).AccessToken;
    }

    public Task<TokenAnswer> ExchangeAsync(string subjectToken, Action<Dictionary<string, string>>? change = null)
    {
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = InterDomainNames.TokenExchangeGrant,
            ["resource"] = Partner,
            ["subject_token"] = subjectToken,
            ["subject_token_type"] = InterDomainNames.JwtTokenType,
            ["client_id"] = IdmHost.NativeClient,
        };
        change?.Invoke(form);
        return CodeFlow.TokenAsync(PrimaryHttp, form);
    }

    /// <summary>A security token of alice.</summary>
    public async Task<string> SecurityTokenAsync()
    {
        TokenAnswer answer = await ExchangeAsync(await AccessTokenAsync());
        answer.Error.ShouldBeNull(answer.Body);
        return answer.AccessToken;
    }

    public Task<TokenAnswer> RedeemAsync(string assertion, string? scope = KeyScope, string clientId = IdmHost.NativeClient)
    {
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = InterDomainNames.SecurityTokenGrant, ["assertion"] = assertion, ["client_id"] = clientId,
        };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        return CodeFlow.TokenAsync(PartnerHttp, form);
    }

    /// <summary>A security token of the other primary; what a test changes it changes in the claims or the header.</summary>
    public string Assert(Action<JsonObject>? change = null, ECDsa? key = null, Dictionary<string, object>? header = null, string kid = "k1")
    {
        long now = Time.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = ForgeIssuer,
            ["sub"] = "bob",
            ["aud"] = new JsonArray(IdmHost.NativeClient, Partner),
            ["iat"] = now,
            ["exp"] = now + 300,
            ["jti"] = Guid.NewGuid().ToString(),
            ["mcptt_id"] = "sip:bob@" + ForgeDomain,
        };
        change?.Invoke(claims);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            claims.ToJsonString(),
            new SigningCredentials(new ECDsaSecurityKey(key ?? Forge) { KeyId = kid }, SecurityAlgorithms.EcdsaSha256),
            header ?? new Dictionary<string, object> { ["typ"] = "JWT" });
    }

    public async Task RestartPartnerAsync()
    {
        await PartnerHost.RestartAsync(settings);
        PartnerHttp.Dispose();
        PartnerHttp = PartnerHost.CreateClient();
    }

    public async Task<T> AtPartnerAsync<T>(Func<IServiceProvider, Task<T>> act)
    {
        await using AsyncServiceScope scope = PartnerHost.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider);
    }

    public async ValueTask DisposeAsync()
    {
        PrimaryHttp.Dispose();
        PartnerHttp.Dispose();
        await PartnerHost.DisposeAsync();
        await Primary.DisposeAsync();
        Forge.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    private static Dictionary<string, string?> Settings(IdmHost primary, string directory, ECDsa forge)
    {
        string ca = Path.Combine(directory, "ca.pem");
        File.WriteAllText(ca, TestCertificates.Authority.ExportCertificatePem());
        string jwks = Path.Combine(directory, "forge.json");
        File.WriteAllText(jwks, JsonSerializer.Serialize(Entities.PublicJwks(forge)));
        return new()
        {
            ["Idm:IdentityDomains:0"] = "partner.example",
            ["Idm:SecurityTokenAudiences:0"] = Partner,
            ["Idm:PrimaryServers:0:Issuer"] = primary.Issuer,
            ["Idm:PrimaryServers:0:MetadataAddress"] = primary.Issuer + "/.well-known/openid-configuration",
            ["Idm:PrimaryServers:0:CaFile"] = ca,
            ["Idm:PrimaryServers:0:IdentityDomains:0"] = "mc.example.org",
            ["Idm:PrimaryServers:0:Scopes:0"] = KeyScope,
            ["Idm:PrimaryServers:0:Scopes:1"] = VideoKeyScope,
            ["Idm:PrimaryServers:1:Issuer"] = ForgeIssuer,
            ["Idm:PrimaryServers:1:JwksFile"] = jwks,
            ["Idm:PrimaryServers:1:IdentityDomains:0"] = ForgeDomain,
            ["Idm:PrimaryServers:1:Scopes:0"] = KeyScope,
            ["Idm:PrimaryServers:1:Scopes:1"] = "3gpp:mc:ptt_config_management_service",
        };
    }
}

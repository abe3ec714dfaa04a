using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Authorization;
using Watchword.Cli;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server;
using Watchword.Idm.Server.Accounts;
using Watchword.Kms.Server;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>
/// TS 33.180 5.1.4 with real servers: a user of domain A gets a token of domain B's IdM server, and the KMS of B, her migration KMS,
/// keys her MC service ID in B's security domain.
/// </summary>
public sealed class InterDomainTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";
    private const string Alice = "sip:alice@home.example";
    private const string KmsAudience = "https://kms.partner.example";
    private const string PartnerName = "https://idm.partner.example";
    private static readonly string KeyScope = McScopes.For(McService.Mcptt, McResource.KeyManagement);

    private readonly string _root = TemporaryDirectory.Create();
    private readonly List<WebApplication> _servers = [];
    private LabCertificateAuthority _ca = null!;
    private LabPorts _home;
    private LabPorts _partner;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ca = LabCertificateAuthority.OpenOrCreate(_root, TimeProvider.System);
        _home = LabPorts.FindFree();
        WebApplication home = await StartIdmAsync("home", _home.IdmUrl, new()
        {
            ["Idm:PartnerServers:0:Resource"] = PartnerName,
            ["Idm:PartnerServers:0:Services:0"] = "mcptt",
        });
        await using (AsyncServiceScope scope = home.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<AccountDirectory>().CreateAsync(
                new NewAccount { UserName = "alice", Password = Password, McpttId = Alice }, Token);
        }

        _partner = LabPorts.FindFree();
        WebApplication partner = await StartIdmAsync("partner", _partner.IdmUrl, new()
        {
            ["Idm:SecurityTokenAudiences:0"] = PartnerName,
            ["Idm:PrimaryServers:0:Issuer"] = _home.IdmUrl,
            ["Idm:PrimaryServers:0:MetadataAddress"] = _home.IdmUrl + "/.well-known/openid-configuration",
            ["Idm:PrimaryServers:0:CaFile"] = _ca.CaFile,
            ["Idm:PrimaryServers:0:IdentityDomains:0"] = "home.example",
            ["Idm:PrimaryServers:0:Scopes:0"] = KeyScope,
        });
        await using (AsyncServiceScope scope = partner.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<AccountDirectory>().CreateAsync(
                new NewAccount { UserName = "admin", Password = Password, Administrator = true }, Token);
        }

        await StartKmsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication server in _servers)
        {
            await server.StopAsync();
            await server.DisposeAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task The_migration_kms_keys_a_user_of_another_domain()
    {
        using TlsTrust trust = TlsTrust.FromCaFile(_ca.CaFile);
        using IdmClient idm = new(Options(_home.IdmUrl), trust, TimeProvider.System);
        using IdmClient partner = new(Options(_partner.IdmUrl), trust, TimeProvider.System);
        using KeyStore store = await CreateStoreAsync("profile-home");
        using KeyStore abroad = await CreateStoreAsync("profile-partner");
        TokenCache tokens = new(idm, store);
        using (SocketsHttpHandler handler = trust.CreateHandler())
        using (LogInCredential credential = new("alice", Password))
        {
            await tokens.LogInAsync(new FormWalkingBrowser(handler, credential), Token);
        }

        TokenCache there = new(tokens, new PartnerDomain(partner, PartnerName), abroad);
        ClientIdentity identity = await there.LogInPartnerAsync(Token);
        identity.Issuer.ShouldBe(_partner.IdmUrl);
        identity.Uris.ShouldBe([Alice]);
        AccessToken token = await there.GetAccessTokenAsync(McResource.KeyManagement, Token);
        token.Scopes.ShouldBe([KeyScope]);
        (await there.GetAccessTokenAsync(McResource.KeyManagement, Token)).Reveal().ShouldBe(token.Reveal(), "it is kept");

        using KmClient keys = new(new KmClientOptions { KmsUrl = _partner.KmsUrl }, trust, there, TimeProvider.System);
        await keys.InitializeAsync(Token);
        IReadOnlyList<KeySetInfo> sets = await keys.ProvisionAsync(cancellationToken: Token);
        sets.ShouldHaveSingleItem().UserUri.ShouldBe(Alice);

        // The token of home opens nothing here.
        using KeyStore other = await CreateStoreAsync("profile-other");
        AccessToken own = await tokens.GetAccessTokenAsync(McResource.KeyManagement, Token);
        own.Reveal().ShouldNotBe(token.Reveal());
        using KmClient refused = new(new KmClientOptions { KmsUrl = _partner.KmsUrl }, trust, tokens, TimeProvider.System);
        (await Should.ThrowAsync<WatchwordClientException>(() => refused.InitializeAsync(Token))).Fault.ShouldBe(ClientFault.KmsUnauthorized);

        (await Should.ThrowAsync<WatchwordClientException>(() => idm.ExchangeAsync(own, "https://idm.stranger.example", Token)))
            .Fault.ShouldBe(ClientFault.SecurityTokenRefused);
        SecurityToken once = await idm.ExchangeAsync(await tokens.GetAccessTokenAsync(McResource.KeyManagement, Token), PartnerName, Token);
        await partner.RedeemAsync(once, [KeyScope], Token);
        (await Should.ThrowAsync<WatchwordClientException>(() => partner.RedeemAsync(once, [KeyScope], Token)))
            .Fault.ShouldBe(ClientFault.PartnerTokenRefused);
    }

    [Fact]
    public async Task An_administrator_of_the_partner_blocks_a_guest_or_all_of_a_domain_by_command()
    {
        using TlsTrust trust = TlsTrust.FromCaFile(_ca.CaFile);
        using IdmClient idm = new(Options(_home.IdmUrl), trust, TimeProvider.System);
        using IdmClient partner = new(Options(_partner.IdmUrl), trust, TimeProvider.System);
        using KeyStore store = await CreateStoreAsync("profile-guest");
        TokenCache tokens = new(idm, store);
        using (SocketsHttpHandler handler = trust.CreateHandler())
        using (LogInCredential credential = new("alice", Password))
        {
            await tokens.LogInAsync(new FormWalkingBrowser(handler, credential), Token);
        }

        async Task<ClientFault?> GrantAsync()
        {
            SecurityToken security = await idm.ExchangeAsync(
                await tokens.GetAccessTokenAsync(McResource.KeyManagement, Token), PartnerName, Token);
            try
            {
                await partner.RedeemAsync(security, [KeyScope], Token);
                return null;
            }
            catch (WatchwordClientException refusal)
            {
                return refusal.Fault;
            }
        }

        (await GrantAsync()).ShouldBeNull();
        string password = Path.Combine(_root, "admin.password");
        await File.WriteAllTextAsync(password, Password + "\n", Token);
        await RunAsync(
            password, "login", "--idm", _partner.IdmUrl, "--ca", _ca.CaFile, "--user", "admin", "--admin", "--password-stdin",
            "--new-key-file", Path.Combine(_root, "admin.key"));
        JsonNode guest = (await RunAsync(null, "foreign-user", "list"))["users"]!.AsArray().ShouldHaveSingleItem()!;
        guest["mcpttId"]!.GetValue<string>().ShouldBe(Alice);
        guest["issuer"]!.GetValue<string>().ShouldBe(_home.IdmUrl);
        string subject = guest["subject"]!.GetValue<string>();
        (await RunAsync(null, "foreign-user", "block", subject))["blocked"]!.GetValue<bool>().ShouldBeTrue();
        (await GrantAsync()).ShouldBe(ClientFault.PartnerTokenRefused);
        (await RunAsync(null, "foreign-user", "unblock", subject))["blocked"]!.GetValue<bool>().ShouldBeFalse();
        (await GrantAsync()).ShouldBeNull();

        (await RunAsync(null, "primary-server", "block", _home.IdmUrl))["blocked"]!.GetValue<bool>().ShouldBeTrue();
        (await GrantAsync()).ShouldBe(ClientFault.PartnerTokenRefused);
        (await RunAsync(null, "primary-server", "list"))["servers"]!.AsArray().ShouldHaveSingleItem()!["blocked"]!
            .GetValue<bool>().ShouldBeTrue();
        (await RunAsync(null, "primary-server", "unblock", _home.IdmUrl))["blocked"]!.GetValue<bool>().ShouldBeFalse();
        (await GrantAsync()).ShouldBeNull();
    }

    private async Task<JsonObject> RunAsync(string? input, params string[] arguments)
    {
        using TestConsole console = new(_root, input);
        int exitCode = await WatchwordCommand.RunAsync([.. arguments, "--json"], console, Token);
        exitCode.ShouldBe(0, console.StandardError.ToString() + console.StandardOutput);
        return JsonNode.Parse(console.StandardOutput.ToString()!)!.AsObject();
    }

    private static IdmClientOptions Options(string issuer) => new() { Issuer = issuer, ClientId = IdmInitialization.CommandLineClientId };

    private async Task<KeyStore> CreateStoreAsync(string name)
    {
        string keyFile = Path.Combine(_root, name + ".key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        return await KeyStore.CreateAsync(Path.Combine(_root, name), unlock, TimeProvider.System, cancellationToken: Token);
    }

    private async Task<WebApplication> StartIdmAsync(string name, string issuer, Dictionary<string, string?> settings)
    {
        settings["Idm:DataDirectory"] = Path.Combine(_root, name);
        settings["Idm:Issuer"] = issuer;
        settings["Idm:Listen:0"] = issuer;
        settings["Idm:Tls:CertificateFile"] = _ca.ServerFile;
        settings["Idm:Tls:KeyFile"] = _ca.ServerKeyFile;
        settings["Idm:Custody:KeyEncryptionKeyFile"] = Path.Combine(_root, name + ".kek");
        settings["Idm:IdentityDomains:0"] = name + ".example";
        settings["Idm:ResourceServers:0:Audience"] = $"https://kms.{name}.example";
        settings["Idm:ResourceServers:0:Scopes:0"] = KeyScope;
        WebApplication app = IdmApplication.Create([], builder => Configure(builder, settings));
        _servers.Add(app);
        _ = await IdmInitialization.RunAsync(app, Token);
        await app.StartAsync(Token);
        return app;
    }

    private async Task StartKmsAsync()
    {
        string kek = Path.Combine(_root, "kms.kek");
        await Kms.Server.KmsInitialization.CreateDomainAsync(
            new KmsInitializationOptions
            {
                DataDirectory = Path.Combine(_root, "kms"),
                KmsUri = "kms.partner.example",
                KeyEncryptionKeyFile = kek,
                CreateKeyEncryptionKey = true,
                CertUri = "cert1.kms.partner.example",
                Issuer = "Partner",
                Domains = ["partner.example", "home.example"],
                IsLabData = true,
            },
            TimeProvider.System,
            Token);
        Dictionary<string, string?> settings = new()
        {
            ["Kms:DataDirectory"] = Path.Combine(_root, "kms"),
            ["Kms:Custody:KeyEncryptionKeyFile"] = kek,
            ["Kms:Domains:0:KmsUri"] = "kms.partner.example",
            ["Kms:Domains:0:PublicBaseUrls:0"] = _partner.KmsUrl,
            ["Kms:Listen:0"] = _partner.KmsUrl,
            ["Kms:Tls:CertificateFile"] = _ca.ServerFile,
            ["Kms:Tls:KeyFile"] = _ca.ServerKeyFile,
            ["Authorization:Audience"] = KmsAudience,
            ["Authorization:Issuers:0:Issuer"] = _partner.IdmUrl,
            ["Authorization:Issuers:0:MetadataAddress"] = _partner.IdmUrl + "/.well-known/openid-configuration",
            ["Authorization:Issuers:0:CaFile"] = _ca.CaFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = "partner.example",
            ["Authorization:Issuers:0:IdentityDomains:1"] = "home.example",
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = nameof(SilencePolicy.Off),
        };
        WebApplication kms = KmsApplication.Create([], builder => Configure(builder, settings));
        _servers.Add(kms);
        await kms.StartAsync(Token);
    }

    private static void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        settings["Lab:Enabled"] = "true";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>What an administrator of the partner does about foreign users, and what the configuration of partners may not be.</summary>
public sealed class ForeignUserTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blocked_user_or_primary_gets_nothing_and_resource_servers_are_told()
    {
        await using TwoDomains domains = await TwoDomains.StartAsync(new()
        {
            // Nobody listens there: the events stay in the outbox.
            ["Idm:ResourceServers:0:Events:Endpoint"] = "https://localhost:9/events",
        });
        string admin = await AdministratorTokenAsync(domains);
        (await domains.RedeemAsync(domains.Assert())).Error.ShouldBeNull();
        ForeignSubjectView bob = (await GetAsync<IReadOnlyList<ForeignSubjectView>>(domains, admin, AdministrationPaths.ForeignSubjects)).ShouldHaveSingleItem();
        bob.IssuerSubject.ShouldBe("bob");
        bob.Issuer.ShouldBe(TwoDomains.ForgeIssuer);
        bob.McpttId.ShouldBe("sip:bob@forge.example");
        bob.Blocked.ShouldBeFalse();

        await PostAsync(domains, admin, AdministrationPaths.BlockForeign(bob.Subject, block: true), HttpStatusCode.OK);
        (await domains.RedeemAsync(domains.Assert())).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(domains.Assert(claims => claims["sub"] = "carol"))).Error.ShouldBeNull("another user of the same primary");
        (await EventsAsync(domains)).ShouldContain((SecurityEventTypes.AccountDisabled, bob.Subject));
        await PostAsync(domains, admin, AdministrationPaths.BlockForeign(bob.Subject, block: false), HttpStatusCode.OK);
        (await domains.RedeemAsync(domains.Assert())).Error.ShouldBeNull();

        await PostAsync(
            domains, admin, AdministrationPaths.BlockPrimary(block: true), HttpStatusCode.OK, new PrimaryServerName { Issuer = TwoDomains.ForgeIssuer });
        (await domains.RedeemAsync(domains.Assert())).ShouldBeRefused("invalid_grant");
        (await domains.RedeemAsync(await domains.SecurityTokenAsync())).Error.ShouldBeNull("another primary");
        (await EventsAsync(domains)).Count(entry => entry.Type == SecurityEventTypes.SessionRevoked).ShouldBe(2, "bob and carol");
        await domains.RestartPartnerAsync();
        // On another port, it is another issuer to its own tokens.
        admin = await LogInAsync(domains);
        (await domains.RedeemAsync(domains.Assert())).ShouldBeRefused("invalid_grant");
        await PostAsync(
            domains, admin, AdministrationPaths.BlockPrimary(block: false), HttpStatusCode.OK, new PrimaryServerName { Issuer = TwoDomains.ForgeIssuer });
        (await domains.RedeemAsync(domains.Assert())).Error.ShouldBeNull();

        await PostAsync(domains, admin, AdministrationPaths.BlockForeign("foreign-nobody", block: true), HttpStatusCode.NotFound);
        await PostAsync(
            domains, admin, AdministrationPaths.BlockPrimary(block: true), HttpStatusCode.NotFound, new PrimaryServerName { Issuer = "https://nobody.example" });
        await PostAsync(domains, "", AdministrationPaths.BlockForeign(bob.Subject, block: true), HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("PartnerServers:0:Resource", "http://idm.partner.example", "PartnerServers:0:Resource")]
    [InlineData("PartnerServers:0:Services:0", "mcfax", "PartnerServers:0:Services")]
    [InlineData("PartnerServers:0:TokenLifetime", "02:00:00", "PartnerServers:0:TokenLifetime")]
    [InlineData("PartnerServers:0:TokenType", "at+jwt", "PartnerServers:0:TokenType")]
    [InlineData("PartnerServers:0:SigningAlgorithm", "HS256", "PartnerServers:0:SigningAlgorithm")]
    [InlineData("PrimaryServers:0:Issuer", "idm", "PrimaryServers:0:Issuer")]
    [InlineData("PrimaryServers:0:JwksUri", "https://idm.example/jwks", "PrimaryServers:0 must name exactly one")]
    [InlineData("PrimaryServers:0:JwksFile", "/nowhere/keys.json", "PrimaryServers:0:JwksFile")]
    [InlineData("PrimaryServers:0:Algorithms:0", "HS256", "PrimaryServers:0:Algorithms")]
    [InlineData("PrimaryServers:0:IdentityDomains:0", "mc.example.org", "is asserted by more than one server")]
    [InlineData("PrimaryServers:0:Scopes:0", "watchword:idm:admin", "PrimaryServers:0:Scopes")]
    [InlineData("SecurityTokenAudiences:0", "partner", "SecurityTokenAudiences")]
    public void A_fault_of_the_configuration_is_found(string key, string value, string fault)
    {
        string directory = Directory.CreateTempSubdirectory("watchword-idm-test-").FullName;
        try
        {
            string jwks = Path.Combine(directory, "keys.json");
            using System.Security.Cryptography.ECDsa signer = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            File.WriteAllText(jwks, Entities.PublicJwks(signer).GetRawText());
            Dictionary<string, string?> settings = IdmHost.Settings(directory, new()
            {
                ["Idm:PartnerServers:0:Resource"] = TwoDomains.Partner,
                ["Idm:PartnerServers:0:Services:0"] = "mcptt",
                ["Idm:PrimaryServers:0:Issuer"] = TwoDomains.ForgeIssuer,
                ["Idm:PrimaryServers:0:JwksFile"] = jwks,
                ["Idm:PrimaryServers:0:IdentityDomains:0"] = TwoDomains.ForgeDomain,
                ["Idm:PrimaryServers:0:Scopes:0"] = TwoDomains.KeyScope,
            });
            Faults(settings).ShouldBeEmpty();
            settings["Idm:" + key] = value;
            Faults(settings).ShouldContain(line => line.Contains(fault), string.Join('\n', Faults(settings)));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static List<string> Faults(Dictionary<string, string?> settings)
    {
        ConfigurationFaults faults = new();
        _ = IdmSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), TimeProvider.System.GetUtcNow(), faults);
        return [.. faults.Found.Where(found => found.Severity == FaultSeverity.Fault).Select(found => found.ToString())];
    }

    private static async Task<string> AdministratorTokenAsync(TwoDomains domains)
    {
        await domains.PartnerHost.AddAccountAsync("chief", administrator: true);
        return await LogInAsync(domains);
    }

    private static async Task<string> LogInAsync(TwoDomains domains)
    {
        using CodeFlow flow = new(domains.PartnerHost);
        return (await flow.GetTokensAsync("chief", "openid " + McScopes.IdmAdministration)).AccessToken;
    }

    private static async Task<T> GetAsync<T>(TwoDomains domains, string token, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await domains.PartnerHttp.SendAsync(request, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<T>(AdministrationJson.Default.Options, Cancellation))!;
    }

    private static async Task PostAsync(
        TwoDomains domains, string token, string path, HttpStatusCode expected, PrimaryServerName? body = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        request.Headers.Authorization = token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : JsonContent.Create(body, AdministrationJson.Default.PrimaryServerName);
        using HttpResponseMessage response = await domains.PartnerHttp.SendAsync(request, Cancellation);
        response.StatusCode.ShouldBe(expected, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static Task<List<(string Type, string? Subject)>> EventsAsync(TwoDomains domains) => domains.AtPartnerAsync(async services =>
        (await services.GetRequiredService<IdmDbContext>().OutboundEvents.AsNoTracking().ToListAsync(Cancellation))
            .Select(row => (row.Type, row.Subject)).ToList());
}

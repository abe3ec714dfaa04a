using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Administration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests.Administration;

/// <summary>Who gets in: listener, audience, issuer, role.</summary>
public sealed class AdminAccessTests
{
    [Fact]
    public async Task EachInterfaceIsOnItsOwnListenerOnly()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        using Answer admin = await host.Kms.PostAsync(
            KmsAdminPaths.Domains, host.Token(KmsRoleScopes.CryptoOfficer), method: HttpMethod.Get);
        admin.Status.ShouldBe(HttpStatusCode.NotFound);
        admin.Error.ShouldBe(KmsError.UnknownResource);
        foreach (string path in new[] { AnnexDPaths.Init, AnnexDPaths.KeyProv(), "/health/ready", "/events", "/", "/admin/v1/nothing" })
        {
            AdminAnswer client = await host.SendAsync(path, host.Kms.Token(), "{}");
            client.Status.ShouldBe(HttpStatusCode.NotFound, path);
            client.Error.ShouldBe(KmsError.UnknownAdminResource, path);
        }

        (await host.AsOfficerAsync(KmsAdminPaths.Domains)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WithoutTheSectionThereIsNoAdminApi()
    {
        await using KmsHost kms = await KmsHost.StartAsync();
        using Answer answer = await kms.PostAsync(KmsAdminPaths.Description, null, method: HttpMethod.Get);
        answer.Error.ShouldBe(KmsError.UnknownResource);
    }

    /// <summary>Every route with every token that must not open it: refused with the documented status, and nothing has changed.</summary>
    [Fact]
    public async Task EveryRouteRefusesEveryOtherToken()
    {
        await using AdminHost host = await AdminHost.StartAsync(("Kms:Admin:RequestsPerMinute", "10000"));
        string stranger = "https://other.test.example";
        int before = (await host.Kms.AuditAsync()).Count(record => record.Entry.Role is not null);
        RouteEndpoint[] routes = [.. host.Kms.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<AdminRoles>() is not null)];
        routes.Length.ShouldBeGreaterThan(10);
        foreach (RouteEndpoint route in routes)
        {
            IReadOnlyList<string> allowed = route.Metadata.GetMetadata<AdminRoles>()!.Scopes;
            string good = allowed[0];
            List<(string? Token, HttpStatusCode Status, KmsError Error)> cases =
            [
                (null, HttpStatusCode.Forbidden, KmsError.NoToken),
                ("abc", HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Token(good, ("exp", host.Kms.Time.GetUtcNow().AddMinutes(-5).ToUnixTimeSeconds())),
                    HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Token(good, ("aud", TestIssuer.Audience)), HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Token(good, ("aud", null)), HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Token(good, ("iss", stranger)), HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Kms.Token(), HttpStatusCode.Unauthorized, KmsError.InvalidToken),
                (host.Token(TestIssuer.AllKeyManagementScopes), HttpStatusCode.Forbidden, KmsError.RoleMissing),
                (host.Token(McScopes.IdmAdministration), HttpStatusCode.Forbidden, KmsError.RoleMissing),
                (host.Token(string.Join(' ', KmsRoleScopes.All)), HttpStatusCode.Forbidden, KmsError.SeveralRoles),
                .. KmsRoleScopes.All.Except(allowed).Select(
                    scope => ((string?)host.Token(scope), HttpStatusCode.Forbidden, KmsError.RoleMissing)),
            ];
            string path = route.RoutePattern.RawText!.Replace("{kmsUri}", KmsHost.KmsUri, StringComparison.Ordinal)
                .Replace("{generation:int}", "1", StringComparison.Ordinal).Replace("{id:long}", "1", StringComparison.Ordinal);
            string method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            foreach ((string? token, HttpStatusCode status, KmsError error) in cases)
            {
                AdminAnswer answer = await host.SendAsync(
                    path, token, method == "GET" ? null : "not even JSON", new HttpMethod(method));
                answer.Status.ShouldBe(status, $"{method} {path}");
                answer.Error.ShouldBe(error, $"{method} {path}");
            }
        }

        (await host.Kms.AuditAsync()).Count(record => record.Entry.Role is not null).ShouldBe(before);
    }

    [Fact]
    public async Task ATokenWithSeveralRolesIsTakenWhereTheOperatorAllowsIt()
    {
        await using AdminHost host = await AdminHost.StartAsync(("Kms:Admin:AllowCombinedRoles", "true"));
        AdminAnswer answer = await host.SendAsync(
            KmsAdminPaths.Domains, host.Token($"{KmsRoleScopes.CryptoOfficer} {KmsRoleScopes.Auditor}"));
        answer.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WhoActedInOneRoleDoesNotActInAnother()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        string enrol = """{"userUri":"sip:alice.ptt@mc.test.example","clientId":"ue-1"}""";
        (await host.AsUserAdministratorAsync(KmsAdminPaths.Clients(KmsHost.KmsUri), enrol)).Status.ShouldBe(HttpStatusCode.OK);
        string sameWithOtherRole = host.Token(KmsRoleScopes.Auditor, ("sub", KmsRoleScopes.UserAdministrator));
        AdminAnswer answer = await host.SendAsync(KmsAdminPaths.Domains, sameWithOtherRole);
        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
        answer.Error.ShouldBe(KmsError.RoleConflict);

        // In the audit log, so that it holds after a restart and on every node.
        await host.Kms.StartAgainAsync();
        using HttpClient again = host.Kms.Certificates.CreateClient(host.Kms.LastAddress);
        using HttpRequestMessage request = new(HttpMethod.Get, KmsAdminPaths.Domains);
        request.Headers.Authorization = new("Bearer", sameWithOtherRole);
        using HttpResponseMessage response = await again.SendAsync(request, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task AnAdministratorHasALimit()
    {
        await using AdminHost host = await AdminHost.StartAsync(("Kms:Admin:RequestsPerMinute", "2"));
        await host.AsOfficerAsync(KmsAdminPaths.Domains);
        await host.AsOfficerAsync(KmsAdminPaths.Domains);
        AdminAnswer answer = await host.AsOfficerAsync(KmsAdminPaths.Domains);
        answer.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Error.ShouldBe(KmsError.TooManyRequests);
        (await host.AsAuditorAsync(KmsAdminPaths.Domains)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task NoIdentityIsInTheLog()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        string enrol = """{"userUri":"sip:alice.ptt@mc.test.example","clientId":"ue-1"}""";
        await host.AsUserAdministratorAsync(KmsAdminPaths.Clients(KmsHost.KmsUri), enrol);
        await host.AsUserAdministratorAsync(KmsAdminPaths.Clients(KmsHost.KmsUri, "export"), enrol);
        await host.AsUserAdministratorAsync(KmsAdminPaths.Clients(KmsHost.KmsUri, "export"), enrol);
        host.Kms.LogText.ShouldNotContain("alice.ptt");
        host.Kms.LogText.ShouldContain(KmsAdminPaths.Domains + "/{kmsUri}/clients/export");
    }
}

using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>npm's openid-client, certified as a relying party, against the server: it knows nothing of our code.</summary>
public sealed class OpenIdClientTests(SharedHost shared)
{
    private const string NarrowScope = "3gpp:mc:ptt_key_management_service";

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_certified_client_completes_discovery_code_flow_and_refresh(string algorithm)
    {
        string directory = typeof(OpenIdClientTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "OpenIdClientDirectory").Value!;
        Directory.Exists(Path.Combine(directory, "node_modules", "openid-client")).ShouldBeTrue(
            $"openid-client is not installed: run 'npm ci' in {directory} (test.sh does it)");
        AccountView user = await shared.AddUserAsync();
        ClientView client = await shared.Host.AddClientAsync(new NewClient
        {
            ClientId = "openid-client-" + algorithm,
            Kind = ClientKinds.Native,
            RedirectUris = ["http://127.0.0.1/callback"],
            SigningAlgorithm = algorithm,
        });

        JsonElement result = await RunAsync(directory, user.UserName, client.ClientId);
        result.GetProperty("issuer").GetString().ShouldBe(shared.Host.Issuer);
        result.GetProperty("claims").GetProperty("mcptt_id").GetString().ShouldBe(user.McpttId);
        result.GetProperty("claims").GetProperty("sub").GetString().ShouldBe(user.Subject);
        McScopes.Split(result.GetProperty("scope").GetString()).ShouldBe(McScopes.Split(CodeFlow.AllScopes), ignoreOrder: true);
        McScopes.Split(result.GetProperty("refreshedScope").GetString()).ShouldBe(McScopes.Split(CodeFlow.AllScopes), ignoreOrder: true);
        result.GetProperty("narrowedScope").GetString().ShouldBe(NarrowScope);
        string narrowed = result.GetProperty("narrowedToken").GetString()!;
        Jwt.Audiences(narrowed).ShouldBe([IdmHost.KmsAudience]);
        Jwt.Header(narrowed).GetProperty("alg").GetString().ShouldBe(algorithm);
        result.GetProperty("reuse").GetString().ShouldBe("invalid_grant");
    }

    private async Task<JsonElement> RunAsync(string directory, string userName, string clientId)
    {
        string authority = Path.Combine(shared.Host.Directory, $"ca-{clientId}.pem");
        await File.WriteAllTextAsync(authority, TestCertificates.Authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        ProcessStartInfo start = new("node", [Path.Combine(directory, "drive.mjs")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["NODE_EXTRA_CA_CERTS"] = authority,
                ["ISSUER"] = shared.Host.Issuer,
                ["CLIENT_ID"] = clientId,
                ["REDIRECT_URI"] = CodeFlow.RedirectUri,
                ["SCOPE"] = CodeFlow.AllScopes,
                ["NARROW_SCOPE"] = NarrowScope,
                ["USER_NAME"] = userName,
                ["PASSWORD"] = IdmHost.Password,
            },
        };
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        node.ExitCode.ShouldBe(0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }
}

using System.Net;
using System.Text.Json;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class CodeFlowTests
{
    [Fact]
    public async Task A_user_logs_in_and_gets_tokens_with_every_identity_that_he_has()
    {
        await using IdmHost host = await IdmHost.StartAsync();
        AccountView alice = await host.AddAliceAsync();
        using CodeFlow flow = new(host);
        TokenAnswer tokens = await flow.GetTokensAsync();

        tokens.Status.ShouldBe(HttpStatusCode.OK);
        tokens.NoStore.ShouldBeTrue();
        tokens.Pragma.ShouldBe("no-cache");
        tokens.Text("token_type").ShouldBe("Bearer");
        tokens.ExpiresIn.ShouldBe(1800);
        McScopes.Split(tokens.Scope).ShouldBe(McScopes.Split(CodeFlow.AllScopes), ignoreOrder: true);

        JsonElement access = Jwt.Payload(tokens.AccessToken);
        access.GetProperty("iss").GetString().ShouldBe(host.Issuer);
        access.GetProperty("sub").GetString().ShouldBe(alice.Subject);
        access.GetProperty("client_id").GetString().ShouldBe(IdmHost.NativeClient);
        access.GetProperty("mcptt_id").GetString().ShouldBe("sip:alice.ptt@mc.example.org");
        access.GetProperty("mcvideo_id").GetString().ShouldBe("sip:alice.video@mc.example.org");
        access.GetProperty("mcdata_id").GetString().ShouldBe("sip:alice.data@mc.example.org");
        access.GetProperty("scope").GetString().ShouldBe(tokens.Scope);
        access.GetProperty("jti").GetString().ShouldNotBeNullOrEmpty();
        long now = host.Time.GetUtcNow().ToUnixTimeSeconds();
        access.GetProperty("iat").GetInt64().ShouldBe(now);
        access.GetProperty("exp").GetInt64().ShouldBe(now + 1800);
        Jwt.Audiences(tokens.AccessToken).ShouldBe([IdmHost.KmsAudience, IdmHost.CmsAudience], ignoreOrder: true);
        Jwt.Header(tokens.AccessToken).GetProperty("alg").GetString().ShouldBe("ES256");

        JsonElement id = Jwt.Payload(tokens.IdToken);
        id.GetProperty("iss").GetString().ShouldBe(host.Issuer);
        id.GetProperty("sub").GetString().ShouldBe(alice.Subject);
        Jwt.Audiences(tokens.IdToken).ShouldBe([IdmHost.NativeClient]);
        id.GetProperty("mcptt_id").GetString().ShouldBe("sip:alice.ptt@mc.example.org");
        id.GetProperty("mcvideo_id").GetString().ShouldBe("sip:alice.video@mc.example.org");
        id.GetProperty("mcdata_id").GetString().ShouldBe("sip:alice.data@mc.example.org");
        id.GetProperty("acr").GetString().ShouldBe(McAuthenticationContexts.Password);
        id.GetProperty("auth_time").GetInt64().ShouldBe(now);
    }
}

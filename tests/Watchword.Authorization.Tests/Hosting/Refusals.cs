using System.Net;
using System.Text.Json;

namespace Watchword.Authorization.Tests.Hosting;

public static class Refusals
{
    /// <summary>Sends the token and asserts the fault's number, its status, and the challenge of RFC 6750.</summary>
    public static async Task ShouldRefuseAsync(this ResourceServer server, string token, AuthorizationFault fault)
    {
        using HttpResponseMessage response = await server.GetAsync(("Authorization", $"Bearer {token}"));
        await response.ShouldBeAsync(fault);
    }

    public static async Task ShouldBeAsync(this HttpResponseMessage response, AuthorizationFault fault)
    {
        using JsonDocument problem = JsonDocument.Parse(await response.TextAsync());
        ((AuthorizationFault)problem.RootElement.GetProperty("code").GetInt32()).ShouldBe(fault);
        ((int)response.StatusCode).ShouldBe(AuthorizationFaults.StatusOf(fault));
        problem.RootElement.GetProperty("status").GetInt32().ShouldBe((int)response.StatusCode);
        problem.RootElement.GetProperty("correlationId").GetString().ShouldNotBeNullOrEmpty();
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            response.Challenge().ShouldBe(
                $"Bearer error=\"invalid_token\", error_description=\"{AuthorizationFaults.ReasonOf(fault)}\"");
        }
    }
}

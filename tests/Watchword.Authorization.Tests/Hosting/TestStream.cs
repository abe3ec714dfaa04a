using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Identity;

namespace Watchword.Authorization.Tests.Hosting;

/// <summary>Writes security events as an IdM server does, and whatever else a test wants, and posts them.</summary>
public sealed class TestStream(TestIssuer issuer, ResourceServer server)
{
    public long Epoch { get; set; } = 1000;

    public static JsonObject Snapshot(int page = 1, bool last = true, string[]? disabled = null, string[]? removed = null) => new()
    {
        ["page"] = page,
        ["last"] = last,
        ["disabled"] = new JsonArray([.. (disabled ?? []).Select(subject => (JsonNode)subject)]),
        ["removed"] = new JsonArray([.. (removed ?? []).Select(subject => (JsonNode)subject)]),
        ["urn:watchword:tokens_ended"] = new JsonObject(),
    };

    public JsonObject Header() => new() { ["alg"] = "ES256", ["typ"] = "secevent+jwt", ["kid"] = issuer.EcKeyId };

    public JsonObject Claims(string type, long sequence, JsonObject? payload = null, string? jti = null, string? subject = null)
    {
        JsonObject claims = new()
        {
            ["iss"] = issuer.Name,
            ["aud"] = TestClaims.Audience,
            ["iat"] = server.Clock.GetUtcNow().ToUnixTimeSeconds(),
            ["jti"] = jti ?? $"event-{Epoch}-{sequence}",
            ["urn:watchword:epoch"] = Epoch,
            ["urn:watchword:seq"] = sequence,
            ["events"] = new JsonObject { [type] = payload ?? [] },
        };
        if (subject is not null)
        {
            claims["sub_id"] = new JsonObject { ["format"] = "iss_sub", ["iss"] = issuer.Name, ["sub"] = subject };
        }

        return claims;
    }

    public string Sign(JsonObject claims) => issuer.SignEc(Header().ToJsonString(), claims.ToJsonString());

    public Task<Delivery> BeginAsync(params string[] disabled) =>
        SendAsync(Claims(SecurityEventTypes.Snapshot, 1, Snapshot(disabled: disabled)));

    public Task<Delivery> DisableAsync(long sequence, string subject) =>
        SendAsync(Claims(SecurityEventTypes.AccountDisabled, sequence, subject: subject));

    public Task<Delivery> EnableAsync(long sequence, string subject) =>
        SendAsync(Claims(SecurityEventTypes.AccountEnabled, sequence, subject: subject));

    /// <summary>A heartbeat for the newest event, whose <c>jti</c> is that of this class unless given.</summary>
    public Task<Delivery> HeartbeatAsync(long newest, string? jti = null) => SendAsync(Claims(
        SecurityEventTypes.Heartbeat, newest, new JsonObject { ["newest"] = jti ?? $"event-{Epoch}-{newest}" }, jti: Guid.NewGuid().ToString()));

    public Task<Delivery> SendAsync(JsonObject claims) => PostAsync(Sign(claims));

    public async Task<Delivery> PostAsync(string token, string contentType = "application/secevent+jwt")
    {
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(token));
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using HttpResponseMessage response = await server.Client.PostAsync("/events", content, TestContext.Current.CancellationToken);
        string? position = response.Headers.TryGetValues(SecurityEventNames.PositionHeader, out IEnumerable<string>? values) ? values.Single() : null;
        string body = await response.TextAsync();
        JsonNode? json = body.Length == 0 ? null : JsonNode.Parse(body);
        string? description = (string?)json?["description"];
        return new Delivery(
            (int)response.StatusCode, position, (string?)json?["err"],
            description is null ? AuthorizationFault.None : (AuthorizationFault)int.Parse(description.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>The answer to a delivery.</summary>
public sealed record Delivery(int Status, string? Position, string? Error, AuthorizationFault Fault)
{
    public void ShouldBeTaken(string position) => this.ShouldBe(new Delivery(202, position, null, AuthorizationFault.None));

    public void ShouldBeRefused(AuthorizationFault fault, string error, string? position = null) =>
        this.ShouldBe(new Delivery(400, position, error, fault));
}

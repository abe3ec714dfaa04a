using System.Text.Json.Nodes;
using Watchword.Identity;

namespace Watchword.Authorization.Tests.Hosting;

/// <summary>The worked example of a token: one user with three services, at a fixed time.</summary>
public static class TestClaims
{
    public const string Audience = "https://kms.mc.example.org";
    public const string Domain = "mc.example.org";
    public const string McpttId = "sip:alice.ptt@mc.example.org";
    public const string McVideoId = "sip:alice.video@mc.example.org";
    public const string McDataId = "sip:alice.data@mc.example.org";
    public const string Entity = "sip:mcptt-as@mc.example.org";

    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1760000000);

    public static string AllScopes { get; } = string.Join(' ', ["openid", .. McScopes.All]);

    public static JsonObject User(TestIssuer issuer) => new()
    {
        ["iss"] = issuer.Name,
        ["sub"] = "alice",
        ["aud"] = Audience,
        ["iat"] = Now.ToUnixTimeSeconds(),
        ["exp"] = Now.ToUnixTimeSeconds() + 3600,
        ["jti"] = "b3f1",
        ["client_id"] = "mcx-ue-1",
        ["scope"] = AllScopes,
        ["mcptt_id"] = McpttId,
        ["mcvideo_id"] = McVideoId,
        ["mcdata_id"] = McDataId,
    };

    public static JsonObject EntityOf(TestIssuer issuer) => User(issuer)
        .Without("mcptt_id", "mcvideo_id", "mcdata_id")
        .With("sub", "mcptt-as")
        .With("mcx_entity_uri", Entity);

    public static JsonObject With(this JsonObject claims, string name, JsonNode? value)
    {
        claims[name] = value;
        return claims;
    }

    public static JsonObject Without(this JsonObject claims, params string[] names)
    {
        foreach (string name in names)
        {
            claims.Remove(name);
        }

        return claims;
    }

    /// <summary>Adds a member as text, so that it may repeat another.</summary>
    public static string Plus(this JsonObject json, string member) => $"{json.ToJsonString()[..^1]},{member}}}";
}

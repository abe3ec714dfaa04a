using System.Globalization;
using Watchword.Benchmarking;
using Watchword.Identity;

namespace Watchword.Services.Load;

/// <summary>An issuer of access tokens with a key of its own, for MCPTT.</summary>
internal sealed class TokenSigner : IDisposable
{
    public const string Issuer = "https://idm.load.example";
    public const string Audience = "https://mcx.load.example";
    public const string IdentityDomain = "mc.load.example";

    private readonly TokenKey _key = new();

    public static string IdOf(int user) => string.Create(CultureInfo.InvariantCulture, $"sip:u{user}@{IdentityDomain}");

    public void WriteJwks(string path) => _key.WriteJwks(path);

    /// <summary>A token of a user, good for an hour.</summary>
    public string Sign(int user, DateTimeOffset now)
    {
        Dictionary<string, object> claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = string.Create(CultureInfo.InvariantCulture, $"u{user}"),
            ["aud"] = Audience,
            ["client_id"] = "load",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
            ["scope"] = McScopes.For(McService.Mcptt, McResource.Service),
            [McClaims.McpttId] = IdOf(user),
        };
        return _key.Sign(claims);
    }

    public void Dispose() => _key.Dispose();
}

using System.Globalization;
using Watchword.Benchmarking;
using Watchword.Identity;

namespace Watchword.Kms.Load;

/// <summary>An issuer of access tokens with a key of its own: each user has three MC service IDs, so three key sets an
/// answer.</summary>
internal sealed class TokenSigner : IDisposable
{
    public const string Issuer = "https://idm.load.example";
    public const string Audience = "https://kms.load.example";
    public const string IdentityDomain = "mc.load.example";
    public const int KeySetsPerAnswer = 3;

    private static readonly string Scopes =
        "openid " + string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, McResource.KeyManagement)));

    private readonly TokenKey _key = new();

    public void WriteJwks(string path) => _key.WriteJwks(path);

    /// <summary>A token of user <paramref name="number"/>, good for an hour.</summary>
    public string Sign(long number, DateTimeOffset now)
    {
        string user = "u" + number.ToString(CultureInfo.InvariantCulture);
        Dictionary<string, object> claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = user,
            ["aud"] = Audience,
            ["client_id"] = "load",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
            ["scope"] = Scopes,
        };
        foreach (McService service in AnnexB.Services)
        {
            claims[McClaims.For(service)] = $"sip:{user}.{(int)service}@{IdentityDomain}";
        }

        return _key.Sign(claims);
    }

    public void Dispose() => _key.Dispose();
}

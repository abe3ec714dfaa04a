using System.Buffers.Text;
using System.Text.Json;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Lab.Walk;

/// <summary>What a token says, for the person who watches. A client of the field treats it as opaque (TS 33.180 B.2.2).</summary>
internal sealed class TokenFacts
{
    private readonly JsonElement _claims;

    public TokenFacts(AccessToken token)
        : this(token.Reveal())
    {
    }

    /// <summary>Of any JWT, such as a security token (B.8).</summary>
    public TokenFacts(string token)
    {
        string payload = token.Split('.')[1];
        using JsonDocument document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
        _claims = document.RootElement.Clone();
    }

    /// <summary>From <c>iat</c> to <c>exp</c>.</summary>
    public TimeSpan Lifetime => TimeSpan.FromSeconds(_claims.GetProperty("exp").GetDouble() - _claims.GetProperty("iat").GetDouble());

    public bool Has(string name) => _claims.TryGetProperty(name, out _);

    public string Audience => _claims.TryGetProperty("aud", out JsonElement audience)
        ? audience.ValueKind == JsonValueKind.Array ? string.Join(' ', audience.EnumerateArray().Select(a => a.GetString())) : audience.GetString()!
        : "(none)";

    public IReadOnlySet<string> Scopes => McScopes.Split(_claims.GetProperty(McClaims.Scope).GetString());

    public bool OpensKeyManagement => Scopes.Any(
        scope => McScopes.TryParse(scope, out _, out McResource resource) && resource == McResource.KeyManagement);

    public string? Claim(string name) => _claims.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}

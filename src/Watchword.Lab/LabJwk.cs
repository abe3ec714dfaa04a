using System.Text.Json.Serialization;

namespace Watchword.Lab;

/// <summary>A public P-256 key as RFC 7518 §6.2 writes it.</summary>
internal sealed record PublicJsonWebKey(string Kty, string Crv, string Use, string Alg, string X, string Y);

/// <summary>A JWK set (RFC 7517 §5).</summary>
internal sealed record JsonWebKeySet(IReadOnlyList<PublicJsonWebKey> Keys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonWebKeySet))]
internal sealed partial class JwkJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Identity.Administration;

/// <summary>The kinds of client that can be registered.</summary>
public static class ClientKinds
{
    /// <summary>A native application of a user: public, authorization code with PKCE (TS 33.180 B.3, B.4).</summary>
    public const string Native = "native";

    /// <summary>A network entity (MCX server, group management server): client credentials with a key or a certificate.</summary>
    public const string Entity = "entity";

    /// <summary>
    /// A resource server, whose <c>client_id</c> is its value in <c>aud</c>: gets no token, and may ask about tokens that name it
    /// (RFC 7662).
    /// </summary>
    public const string ResourceServer = "resource-server";
}

/// <summary>A new client: <c>POST /admin/v1/clients</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class NewClient
{
    /// <summary>The <c>client_id</c>: 1 to 100 visible ASCII characters.</summary>
    public required string ClientId { get; init; }

    /// <summary>A name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>One of <see cref="ClientKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Redirect URIs of a native client; compared as strings, but the port of a loopback address is free (RFC 8252
    /// §7.3).</summary>
    public IReadOnlyList<string>? RedirectUris { get; init; }

    /// <summary>The URI that an entity is keyed for.</summary>
    public string? EntityUri { get; init; }

    /// <summary>The public keys of an entity that authenticates by <c>private_key_jwt</c>: a JWK set (RFC 7517 §5).</summary>
    public JsonElement? Jwks { get; init; }

    /// <summary>SHA-256 of the certificate (DER) of an entity that authenticates by mutual TLS: 64 hexadecimal digits.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>The scopes that the client may be given. A native client that names none may have all of the MC
    /// services.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary><c>ES256</c> (the default) or <c>RS256</c>: how tokens for this client are signed.</summary>
    public string? SigningAlgorithm { get; init; }
}

/// <summary>A client as the admin API shows it.</summary>
public sealed class ClientView
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string ClientId { get; init; }

    /// <summary>A name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>One of <see cref="ClientKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Redirect URIs of a native client.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>The URI that an entity is keyed for.</summary>
    public string? EntityUri { get; init; }

    /// <summary>SHA-256 of an entity's certificate.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>The scopes that the client may be given.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary><c>ES256</c> or <c>RS256</c>.</summary>
    public required string SigningAlgorithm { get; init; }
}

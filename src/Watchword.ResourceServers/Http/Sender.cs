using Watchword.Authorization;

namespace Watchword.ResourceServers.Http;

/// <summary>
/// Who sent a request (TS 24.482 A.2.3): the holder of a token, or a network entity that a trusted peer asserts.
/// </summary>
internal sealed class Sender
{
    private Sender(AccessTokenPrincipal? token, string? entityUri)
    {
        Token = token;
        EntityUri = entityUri;
    }

    /// <summary>The validated token; null for an asserted entity.</summary>
    public AccessTokenPrincipal? Token { get; }

    /// <summary>The URI of a network entity, asserted or of its token; null for a user.</summary>
    public string? EntityUri { get; }

    /// <summary>True if a trusted peer asserts the entity; false for whoever has a token.</summary>
    public bool IsAsserted => Token is null;

    public static Sender Of(AccessTokenPrincipal token) => new(token, token.EntityUri);

    public static Sender Asserted(string entityUri) => new(null, entityUri);

    /// <summary>The type's name: identities stay out of logs.</summary>
    public override string ToString() => nameof(Sender);
}

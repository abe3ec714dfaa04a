namespace Watchword.Client;

/// <summary>
/// What the home IdM server vouches to one partner, for one client (TS 33.180 B.8). To be redeemed there once; of no use anywhere
/// else. Opaque to the client.
/// </summary>
public sealed class SecurityToken
{
    internal SecurityToken(string value, DateTimeOffset expiresAt)
    {
        Value = value;
        ExpiresAt = expiresAt;
    }

    /// <summary>When it ends, by the clock of this machine.</summary>
    public DateTimeOffset ExpiresAt { get; }

    internal string Value { get; }

    /// <summary>The type's name, never the token.</summary>
    public override string ToString() => nameof(SecurityToken);
}

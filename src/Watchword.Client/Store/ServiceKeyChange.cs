namespace Watchword.Client;

/// <summary>What a message did to the service keys of a store.</summary>
public enum ServiceKeyChange
{
    /// <summary>The key is new.</summary>
    Added = 0,

    /// <summary>The key was held; its parameters are those of the message now.</summary>
    Renewed = 1,

    /// <summary>The message says nothing new, or its key is revoked already.</summary>
    Unchanged = 2,

    /// <summary>The message revokes the key.</summary>
    Revoked = 3,
}

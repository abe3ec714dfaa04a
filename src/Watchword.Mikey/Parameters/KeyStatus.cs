namespace Watchword.Mikey;

/// <summary>The status of a key, 32 bits (TS 33.180 table E.6.1-1). Bits without a name are kept as they are.</summary>
[Flags]
public enum KeyStatus
{
    /// <summary>No bit: the key is revoked.</summary>
    None = 0,

    /// <summary>The key is not revoked.</summary>
    NotRevoked = 1,

    /// <summary>The key is shared with a security gateway (later releases).</summary>
    SharedWithSecurityGateway = 2,
}

namespace Watchword.Mikey;

/// <summary>
/// What a message may carry besides its key. The default is the smallest message that deployed peers understand.
/// </summary>
public sealed class KeyMessageOptions
{
    /// <summary>The defaults.</summary>
    public static KeyMessageOptions Default { get; } = new();

    /// <summary>
    /// The crypto sessions of a GENERIC-ID map, each under the policy and with the key's identifiers as SPI; empty for the empty
    /// map, where the default profile applies (TS 33.180 E.1.3, E.2.2).
    /// </summary>
    public IReadOnlyList<McCryptoSession> Sessions { get; init; } = [];

    /// <summary>
    /// Whether to write the SRTP profile as an SP payload. With an empty map the default profile applies without it; deployed
    /// peers send it, so it is sent unless told otherwise. A GENERIC-ID map always has it.
    /// </summary>
    public bool IncludeSecurityPolicy { get; init; } = true;

    /// <summary>The associated parameters (TS 33.180 5.2.4, E.6), encrypted under the key; null for none.</summary>
    public KeyParameters? Parameters { get; init; }

    /// <summary>The form of <see cref="Parameters"/>.</summary>
    public KeyParametersForm ParametersForm { get; init; } = KeyParametersForm.Default;

    /// <summary>
    /// Whether to add the key encapsulated to the sender's own UID (TS 33.180 5.2.5), for his other devices or replicas.
    /// </summary>
    public bool SakkeToSelf { get; init; }

    /// <summary>
    /// Whether UIDs stand in place of the URIs (TS 33.180 5.2.6, E.7). The receiver learns the sender's URI elsewhere, under the
    /// key.
    /// </summary>
    public bool HideIdentities { get; init; }
}

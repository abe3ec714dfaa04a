namespace Watchword.Client;

/// <summary>How to reach an XCAP server: a configuration or a group management server.</summary>
public sealed record XcapClientOptions
{
    /// <summary>The https XCAP root (RFC 4825 §6.1), without a slash at its end.</summary>
    public required string Root { get; init; }

    /// <summary>
    /// The home HTTP proxy that requests go through; null to connect to the server. Only for clients over their own connections: a
    /// handler that is given has its own, by <see cref="TlsTrust.CreateHandler(HomeHttpProxy)"/>.
    /// </summary>
    public HomeHttpProxy? HttpProxy { get; init; }

    /// <summary>Longest answer in octets; 4 MiB unless set.</summary>
    public int MaxAnswerOctets { get; init; } = 4 << 20;

    /// <summary>How long one request may take; 30 seconds unless set.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

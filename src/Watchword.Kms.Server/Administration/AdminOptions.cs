using Watchword.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>The section <c>Kms:Admin</c> as the operator wrote it: the admin API.</summary>
public sealed class AdminOptions
{
    /// <summary>Where to listen: https URLs, for example <c>https://10.0.0.1:7402</c>. Nothing else is served there.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>Name of the admin API in <c>aud</c>; another than that of the client interface.</summary>
    public string Audience { get; set; } = string.Empty;

    /// <summary>The issuers of <c>Authorization:Issuers</c> whose administrators are accepted; at least one.</summary>
    public List<string> Issuers { get; set; } = [];

    /// <summary>An X.509 certificate of its own; null for that of the client interface.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>SHA-256 of the client certificates that may connect, 64 hexadecimal digits each; empty: none is asked for.</summary>
    public List<string> ClientCertificates { get; set; } = [];

    /// <summary>True to let one person act in several roles, with one token or one after the other.</summary>
    public bool AllowCombinedRoles { get; set; }

    /// <summary>Most requests of one administrator in a minute, 1 to 10000.</summary>
    public int RequestsPerMinute { get; set; } = 120;
}

using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Configuration;

/// <summary>One entry of <c>Kms:Domains</c> as the operator wrote it. What is null is as in <see cref="KmsOptions"/>.</summary>
public sealed class DomainOptions
{
    /// <summary>The KMS URI of a domain that was created before.</summary>
    public string KmsUri { get; set; } = string.Empty;

    /// <summary>
    /// The https URLs under which clients reach the domain, without path; at least one. Scheme, host and port of a request choose the
    /// domain. Port 0 stands for the port that is listened on.
    /// </summary>
    public List<string> PublicBaseUrls { get; set; } = [];

    /// <summary>
    /// Whose tokens the domain accepts, out of <c>Authorization:Issuers</c>; <c>asserted:</c> and a thumbprint for a peer of
    /// <c>Kms:AssertedIdentity</c>. Empty: all.
    /// </summary>
    public List<string> Issuers { get; set; } = [];

    /// <summary>Other values of <c>KmsUri</c> in a request that mean this domain: deployed clients send the URL of the server.</summary>
    public List<string> KmsUriAliases { get; set; } = [];

    /// <summary>As <see cref="KmsOptions.OpeningWindowFraction"/>.</summary>
    public double? OpeningWindowFraction { get; set; }

    /// <summary>As <see cref="KmsOptions.HistoryPeriods"/>.</summary>
    public int? HistoryPeriods { get; set; }

    /// <summary>As <see cref="KmsOptions.FullCheckRate"/>.</summary>
    public double? FullCheckRate { get; set; }

    /// <summary>As <see cref="KmsOptions.UserIdEncoding"/>.</summary>
    public UserIdEncoding? UserIdEncoding { get; set; }

    /// <summary>As <see cref="KmsOptions.SendExtensions"/>.</summary>
    public bool? SendExtensions { get; set; }

    /// <summary>As <see cref="KmsOptions.TransportKeys"/>.</summary>
    public TransportKeyOptions TransportKeys { get; set; } = new();

    /// <summary>As <see cref="ProfileOptions.Default"/>.</summary>
    public ClientProfileKind? DefaultProfile { get; set; }

    /// <summary>As <see cref="KmsOptions.KmsId"/>.</summary>
    public string? KmsId { get; set; }
}

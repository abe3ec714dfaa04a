using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Administration;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The section <c>Kms</c> as the operator wrote it. <see cref="KmsSettings"/> is what becomes of it.</summary>
public sealed class KmsOptions
{
    /// <summary>Directory of the database and the custody files.</summary>
    public string DataDirectory { get; set; } = string.Empty;

    /// <summary>The database.</summary>
    public DatabaseOptions Store { get; set; } = new();

    /// <summary>What opens the master secrets.</summary>
    public CustodyOptions Custody { get; set; } = new();

    /// <summary>The https URL under which clients reach this KMS, without path. Port 0 stands for the port that is listened
    /// on.</summary>
    public string PublicBaseUrl { get; set; } = string.Empty;

    /// <summary>The security domains, when there are several or more is to be said of one; each has its own public URLs. Empty:
    /// this section stands for the only domain of the data directory.</summary>
    public List<DomainOptions> Domains { get; set; } = [];

    /// <summary>Where to listen: https URLs, for example <c>https://0.0.0.0:7401</c>.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>Listeners on which peers may assert the identity of a network entity; null for none.</summary>
    public AssertedIdentityOptions? AssertedIdentity { get; set; }

    /// <summary>The server's X.509 certificate.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>The last part of a key period in which the next one may be asked for, 0 to 1.</summary>
    public double OpeningWindowFraction { get; set; } = 0.25;

    /// <summary>How many past key periods may be asked for again by whom they were issued to, 0 to 1000.</summary>
    public int HistoryPeriods { get; set; } = 1;

    /// <summary>How far Time of a KmsRequest may be from the clock, in seconds, 1 to 3600.</summary>
    public int RequestTimeSkewSeconds { get; set; } = 30;

    /// <summary>Share of key sets that are validated as the client does it before they leave, 0 to 1.</summary>
    public double FullCheckRate { get; set; } = 0.001;

    /// <summary>Most requests of one requester in a minute; 0 for no limit. A client needs a handful in a month.</summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>How UserID is spelt in key sets.</summary>
    public UserIdEncoding UserIdEncoding { get; set; }

    /// <summary>Whether answers carry extension elements: the KMS certificate of the generation to come, and when to fetch the
    /// next key set. A client that does not know them ignores them.</summary>
    public bool SendExtensions { get; set; } = true;

    /// <summary>How long the KMS listens on after it was told to stop, not ready any more, in seconds, 0 to 300.</summary>
    public int DrainSeconds { get; set; }

    /// <summary>Transport and integrity keys, in all domains.</summary>
    public TransportKeyOptions TransportKeys { get; set; } = new();

    /// <summary>Names this instance in answers (KmsId), or null.</summary>
    public string? KmsId { get; set; }

    /// <summary>The audit log.</summary>
    public AuditOptions Audit { get; set; } = new();

    /// <summary>The admin API; null for none.</summary>
    public AdminOptions? Admin { get; set; }

    /// <summary>Making keys of the next period before they are asked for.</summary>
    public PreparationOptions Preparation { get; set; } = new();

    /// <summary>Other security domains.</summary>
    public PartnerOptions Partners { get; set; } = new();

    /// <summary>Which client is served under which profile.</summary>
    public ProfileOptions Profiles { get; set; } = new();

    /// <summary>Rules that only count and log what they would refuse, by name: <c>docs/profiles.md</c>.</summary>
    public Dictionary<string, bool> Shadow { get; set; } = [];
}

using Watchword.Hosting;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Sip;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The section <c>Services</c> as the operator wrote it. <see cref="ServicesSettings"/> is what becomes of it.</summary>
public sealed class ServicesOptions
{
    /// <summary>Directory of the database file and of the key stores, for its owner only.</summary>
    public string DataDirectory { get; set; } = string.Empty;

    /// <summary>Where to listen for UEs, or for the proxy on their behalf: https URLs.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>The X.509 certificate of these listeners.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>Listeners for network entities, by themselves or through the proxy; null for none.</summary>
    public AssertedIdentityOptions? AssertedIdentity { get; set; }

    /// <summary>The database.</summary>
    public DatabaseOptions Store { get; set; } = new();

    /// <summary>The configuration management server (TS 24.484).</summary>
    public ConfigurationManagementOptions Configuration { get; set; } = new();

    /// <summary>The group management server (TS 24.481).</summary>
    public GroupManagementOptions Groups { get; set; } = new();

    /// <summary>The MCX server (TS 24.379, 24.281, 24.282 clause 7).</summary>
    public McxOptions Mcx { get; set; } = new();

    /// <summary>SIP; null where no service speaks it.</summary>
    public SipOptions? Sip { get; set; }

    /// <summary>How long the server listens on after it was told to stop, not ready any more, in seconds, 0 to 300.</summary>
    public int DrainSeconds { get; set; }

    /// <summary>Names this instance in telemetry, or null.</summary>
    public string? InstanceName { get; set; }
}

/// <summary>What every service has: a switch, and the name that tokens for it carry.</summary>
public abstract class ServiceOptions
{
    /// <summary>Whether it runs here.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the service in <c>aud</c>; a token for another service opens nothing here.</summary>
    public string Audience { get; set; } = string.Empty;
}

/// <summary>What a service has that keeps XCAP documents.</summary>
public abstract class XcapServiceOptions : ServiceOptions
{
    /// <summary>
    /// The XCAP root: the https URL, with its path, under which clients reach the documents, such as
    /// <c>https://services.example.org/cms</c>. Port 0 stands for the port that is listened on.
    /// </summary>
    public string XcapRoot { get; set; } = string.Empty;

    /// <summary>The MC servers that may read every document: the URIs that they are asserted with (TS 24.484 6.2.4.1).</summary>
    public List<string> AuthorisedServers { get; set; } = [];

    /// <summary>
    /// Network entities that may write every document, such as a provisioning system: the URIs that they are asserted with.
    /// </summary>
    public List<string> Administrators { get; set; } = [];

    /// <summary>Longest document, in octets, 1 KiB to 4 MiB.</summary>
    public int MaxDocumentOctets { get; set; } = 256 * 1024;

    /// <summary>Most documents in the directory of one user, 1 to 10000.</summary>
    public int MaxDocumentsPerUser { get; set; } = 64;

    /// <summary>The public service identity that SUBSCRIBE is sent to; without it nothing can be subscribed to.</summary>
    public string SubscriptionUri { get; set; } = string.Empty;

    /// <summary>Most subscriptions of one user, 1 to 1000.</summary>
    public int MaxSubscriptionsPerUser { get; set; } = 16;
}

/// <summary>The section <c>Services:Configuration</c>.</summary>
public sealed class ConfigurationManagementOptions : XcapServiceOptions
{
    /// <summary>
    /// The application usages of whose documents a user may write his own, such as <c>org.3gpp.mcptt.user-profile</c>. A profile
    /// says what its user may do, so none by default.
    /// </summary>
    public List<string> UsersMayWrite { get; set; } = [];

    /// <summary>Most reads of initial configurations without a token in a minute, of all UEs together, 1 to 1000000.</summary>
    public int OpenReadsPerMinute { get; set; } = 6000;

    /// <summary>The same of one UE.</summary>
    public int OpenReadsPerUePerMinute { get; set; } = 20;
}

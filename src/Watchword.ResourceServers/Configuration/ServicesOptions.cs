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

    /// <summary>Where this process speaks SIP.</summary>
    public SipOptions Sip { get; set; } = new();

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

/// <summary>The section <c>Services:Configuration</c>.</summary>
public sealed class ConfigurationManagementOptions : ServiceOptions;

/// <summary>The section <c>Services:Groups</c>.</summary>
public sealed class GroupManagementOptions : ServiceOptions;

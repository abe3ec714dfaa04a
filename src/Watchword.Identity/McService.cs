namespace Watchword.Identity;

/// <summary>A mission-critical service (TS 23.280). The order is the order in which key sets are given out.</summary>
public enum McService
{
    /// <summary>Mission-critical push to talk.</summary>
    Mcptt = 0,

    /// <summary>Mission-critical video.</summary>
    McVideo = 1,

    /// <summary>Mission-critical data.</summary>
    McData = 2,
}

/// <summary>What a scope of TS 33.180 table B.4.2.2-1 opens.</summary>
public enum McResource
{
    /// <summary>The MCX server itself (5.1.3.2).</summary>
    Service = 0,

    /// <summary>The key management server (5.3).</summary>
    KeyManagement = 1,

    /// <summary>The configuration management server (TS 24.484).</summary>
    ConfigurationManagement = 2,

    /// <summary>The group management server (TS 24.481).</summary>
    GroupManagement = 3,
}

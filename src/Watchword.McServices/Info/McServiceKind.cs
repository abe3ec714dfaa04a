namespace Watchword.McServices.Info;

/// <summary>The mission-critical services (TS 23.280). The numbers are stable.</summary>
public enum McServiceKind
{
    /// <summary>Mission-critical push to talk (TS 24.379).</summary>
    Mcptt = 0,

    /// <summary>Mission-critical video (TS 24.281).</summary>
    McVideo = 1,

    /// <summary>Mission-critical data (TS 24.282).</summary>
    McData = 2,
}

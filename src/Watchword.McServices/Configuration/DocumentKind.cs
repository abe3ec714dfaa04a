namespace Watchword.McServices.Configuration;

/// <summary>What a document is about. The numbers are stable.</summary>
public enum DocumentKind
{
    /// <summary>Where a UE finds the servers, fetched before log-in (TS 24.484 7.2).</summary>
    UeInitialConfiguration = 0,

    /// <summary>What a UE may do at once (TS 24.484 8.2, 9.2, 10.2).</summary>
    UeConfiguration = 1,

    /// <summary>What a user may do, and his groups (TS 24.484 8.3, 9.3, 10.3).</summary>
    UserProfile = 2,

    /// <summary>What holds for everybody of a service (TS 24.484 8.4, 9.4, 10.4).</summary>
    ServiceConfiguration = 3,

    /// <summary>A group and its members (TS 24.481 7.2).</summary>
    Group = 4,
}

/// <summary>The trees of an application usage (RFC 4825 §6.2). The numbers are stable.</summary>
public enum DocumentTree
{
    /// <summary>A directory for each user.</summary>
    Users = 0,

    /// <summary>One directory for all.</summary>
    Global = 1,
}

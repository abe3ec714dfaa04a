namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>
/// What came of a message about service authorisation. Closed; the numbers are stable, are the log event ids, and are explained
/// one by one in <c>docs/errors/mcx.md</c>.
/// </summary>
internal enum ServiceOutcome
{
    /// <summary>The client is authorised, and its binding stands (TS 24.379 7.3.2, 7.3.3).</summary>
    Authorized = 7500,

    /// <summary>The settings of an authorised client were taken (7.3.4).</summary>
    SettingsTaken = 7501,

    /// <summary>The publication lives on (RFC 3903 §4.3).</summary>
    Refreshed = 7502,

    /// <summary>The binding is gone: log-off (7.3.5).</summary>
    Removed = 7503,

    /// <summary>A registration without info body was noted (TS 33.180 5.1.1).</summary>
    Registered = 7504,

    /// <summary>The registration ended, with all that depended on it.</summary>
    Deregistered = 7505,

    /// <summary>The settings of the user are told to him from now on (7.3.6).</summary>
    Subscribed = 7506,

    /// <summary>A body is not what its type says, or one that is needed is missing.</summary>
    Malformed = 7510,

    /// <summary>Service authorisation failed: token, scope, identity or CSK (7.3.3 6, warning 101).</summary>
    NotAuthorized = 7511,

    /// <summary>What is encrypted cannot be decrypted (warning 140).</summary>
    NotDecrypted = 7512,

    /// <summary>A signature does not hold (warning 139).</summary>
    NotIntact = 7513,

    /// <summary>No binding of this user and client (7.3.4 6, warning 141).</summary>
    UnknownUser = 7514,

    /// <summary>The user has as many clients authorised as he may (warning 164).</summary>
    TooManyClients = 7515,

    /// <summary>The entity tag is none that stands (RFC 3903 §6, 412).</summary>
    ConditionFailed = 7516,

    /// <summary>The CSK is for another KMS; a KMS redirect response says which to use (TS 33.180 5.4, 488).</summary>
    Redirected = 7517,

    /// <summary>Keys of the IdM server, or of this server, are not there: try later (500).</summary>
    Unavailable = 7518,

    /// <summary>An older registration overtook a newer one (RFC 3261 §10.3).</summary>
    Overtaken = 7519,

    /// <summary>The settings asked for are another user's (7.3.6).</summary>
    OtherUser = 7520,
}

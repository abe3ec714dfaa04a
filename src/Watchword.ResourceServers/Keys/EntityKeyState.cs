namespace Watchword.ResourceServers.Keys;

/// <summary>How far the server is with the keys of one of its identities.</summary>
internal enum EntityKeyState
{
    /// <summary>No key set of the present key period yet.</summary>
    Waiting = 0,

    /// <summary>Keyed, and what is due is renewed.</summary>
    Keyed = 1,

    /// <summary>Keyed, but the last attempt to renew failed.</summary>
    Failing = 2,
}

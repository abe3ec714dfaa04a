namespace Watchword.KeyManagement.Audit;

/// <summary>What one audit record reports. The numbers are part of the format and never change.</summary>
public enum AuditKind
{
    /// <summary>Something happened to master secrets or to what keeps them.</summary>
    Custody = 0,

    /// <summary>Key sets are about to be issued. Committed before any key of the user exists.</summary>
    Intent = 1,

    /// <summary>What became of an intent. Committed before the key sets leave the KMS.</summary>
    Outcome = 2,

    /// <summary>A request of an authenticated requester was refused.</summary>
    Denied = 3,

    /// <summary>A domain or a generation of one was created, or a generation changed its state.</summary>
    Domain = 4,

    /// <summary>The KMS certificate of a partner was added, approved, replaced or revoked.</summary>
    Partner = 5,

    /// <summary>Transport keys were enrolled, rotated or withdrawn.</summary>
    TransportKey = 6,

    /// <summary>A requester was disabled, enabled or removed, or his tokens were ended.</summary>
    Subject = 7,

    /// <summary>A crypto officer allowed what a rule would refuse.</summary>
    Override = 8,

    /// <summary>Any other administrative act.</summary>
    Administration = 9,

    /// <summary>A signature over the chain up to here (<see cref="AuditCheckpoint"/>).</summary>
    Checkpoint = 10,

    /// <summary>Key sets were made ahead and sealed, or what was made so was erased. Nobody has got one by it: that is an
    /// <see cref="Outcome"/> of its own.</summary>
    Preparation = 11,
}

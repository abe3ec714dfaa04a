namespace Watchword.Kms;

/// <summary>Where a generation of a domain stands in its life. The numbers are those of the store and never change.</summary>
public enum GenerationState
{
    /// <summary>Its KMS certificate may be handed to clients; nothing is issued from it.</summary>
    Prepared = 0,

    /// <summary>Keys are issued from it for the times of its validity: those to come from their opening window on, past ones as
    /// history.</summary>
    Active = 1,

    /// <summary>Suspected: nothing is issued from it any more, not even history; clients are told to replace its KMS
    /// certificate.</summary>
    Tainted = 2,

    /// <summary>Nobody may use it any more: its KMS certificate says so.</summary>
    Revoked = 3,
}

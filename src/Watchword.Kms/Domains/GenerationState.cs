namespace Watchword.Kms;

/// <summary>Where a generation of a domain stands in its life. The numbers are those of the store and never change.</summary>
public enum GenerationState
{
    /// <summary>Its KMS certificate may be handed to clients; nothing is issued from it.</summary>
    Prepared = 0,

    /// <summary>Keys are issued from it.</summary>
    Active = 1,

    /// <summary>Nothing new is issued from it; what was issued is still used.</summary>
    Tainted = 2,

    /// <summary>Nobody may use it any more.</summary>
    Revoked = 3,
}

namespace Watchword.McServices;

/// <summary>Why the signatures of a message were not accepted. The numbers are stable.</summary>
public enum BodySignatureFault
{
    /// <summary>All bodies are signed and unchanged.</summary>
    None = 0,

    /// <summary>The signatures name another key.</summary>
    OtherKey = 1,

    /// <summary>A body that must be signed is not.</summary>
    NotSigned = 2,

    /// <summary>A signature is of a body that is not there.</summary>
    MissingBody = 3,

    /// <summary>
    /// A signature or a digest does not hold: made with another key, or something was changed. One outcome for all of it.
    /// </summary>
    Invalid = 4,
}

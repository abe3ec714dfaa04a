namespace Watchword.KeyManagement;

/// <summary>Why a signature was not accepted. The numbers are stable.</summary>
public enum SignatureFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>The signature names another key than the one given.</summary>
    OtherKey = 1,

    /// <summary>Signature or digest do not hold: made with another key, or something was changed.</summary>
    Invalid = 2,

    /// <summary>The message says in <c>Signature-ID</c> that another key signs it.</summary>
    SignatureIdMismatch = 3,
}

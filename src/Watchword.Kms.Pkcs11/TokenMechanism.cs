namespace Watchword.Kms.Pkcs11;

/// <summary>How a token wraps a data key.</summary>
public enum TokenMechanism
{
    /// <summary><see cref="AesGcm"/> if the token has it, else <see cref="AesKeyWrapPad"/>, else <see
    /// cref="AesKeyWrap"/>.</summary>
    Automatic = 0,

    /// <summary>CKM_AES_GCM by C_Encrypt: the data key is authenticated together with the place that it belongs to.</summary>
    AesGcm = 1,

    /// <summary>CKM_AES_KEY_WRAP_PAD (RFC 5649) by C_WrapKey.</summary>
    AesKeyWrapPad = 2,

    /// <summary>CKM_AES_KEY_WRAP (RFC 3394) by C_WrapKey.</summary>
    AesKeyWrap = 3,
}

/// <summary>Which key of which token.</summary>
public sealed record TokenKeyOptions
{
    /// <summary>Path of the PKCS#11 library.</summary>
    public required string Library { get; init; }

    /// <summary>Label of the token.</summary>
    public required string TokenLabel { get; init; }

    /// <summary>Label of the key (CKA_LABEL).</summary>
    public required string KeyLabel { get; init; }

    /// <summary>CKA_ID of the key in hexadecimal digits, where the label alone does not say which; null for any.</summary>
    public string? KeyId { get; init; }

    /// <summary>How it wraps what is new; what was wrapped says itself how.</summary>
    public TokenMechanism Mechanism { get; init; }

    /// <summary>The user PIN: a file, or shares.</summary>
    public required IUnlockSource Pin { get; init; }
}

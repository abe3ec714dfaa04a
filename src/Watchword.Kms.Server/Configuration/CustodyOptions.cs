using Watchword.Kms.Pkcs11;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The key-encryption key: exactly one of the five.</summary>
public sealed class CustodyOptions
{
    /// <summary>File of mode 0600 with 32 octets, or their base64.</summary>
    public string? KeyEncryptionKeyFile { get; set; }

    /// <summary>File of mode 0600 with a passphrase.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary>Files of mode 0600 with shares of a key file, as many as the threshold says.</summary>
    public List<string> ShareFiles { get; set; } = [];

    /// <summary>Shares of a key file are typed or piped into the standard input at each start.</summary>
    public bool SharesFromStandardInput { get; set; }

    /// <summary>A key in a PKCS#11 token.</summary>
    public Pkcs11Options? Pkcs11 { get; set; }

    /// <summary>While re-wrapping: the key-encryption key before, which only opens.</summary>
    public CustodyOptions? Previous { get; set; }

    /// <summary>Which of the five.</summary>
    internal string Kind => this switch
    {
        { KeyEncryptionKeyFile: not null } => KeyEncryptionKeyKinds.KeyFile,
        { PassphraseFile: not null } => KeyEncryptionKeyKinds.Passphrase,
        { Pkcs11: not null } => KeyEncryptionKeyKinds.Pkcs11,
        _ => "shares",
    };

    /// <summary>Adds what is wrong.</summary>
    internal void Check(string section, List<string> faults)
    {
        int named = (KeyEncryptionKeyFile is null ? 0 : 1) + (PassphraseFile is null ? 0 : 1) + (ShareFiles.Count == 0 ? 0 : 1)
            + (SharesFromStandardInput ? 1 : 0) + (Pkcs11 is null ? 0 : 1);
        if (named != 1)
        {
            faults.Add(
                $"{section} needs exactly one of KeyEncryptionKeyFile, PassphraseFile, ShareFiles, SharesFromStandardInput, "
                + "Pkcs11");
        }

        Pkcs11?.Check($"{section}:Pkcs11", faults);
        if (Previous?.Previous is not null)
        {
            faults.Add($"{section}:Previous:Previous: one re-wrapping at a time");
        }

        Previous?.Check($"{section}:Previous", faults);
    }
}

/// <summary>A key in a PKCS#11 token, and the user PIN: exactly one of the three.</summary>
public sealed class Pkcs11Options
{
    /// <summary>Path of the PKCS#11 library.</summary>
    public string Library { get; set; } = string.Empty;

    /// <summary>Label of the token.</summary>
    public string TokenLabel { get; set; } = string.Empty;

    /// <summary>Label of the key.</summary>
    public string KeyLabel { get; set; } = "watchword-kek";

    /// <summary>CKA_ID of the key in hexadecimal digits, where the label alone does not say which.</summary>
    public string? KeyId { get; set; }

    /// <summary>How it wraps what is new.</summary>
    public TokenMechanism Mechanism { get; set; }

    /// <summary>File of mode 0600 with the user PIN.</summary>
    public string? PinFile { get; set; }

    /// <summary>Files of mode 0600 with shares of the PIN.</summary>
    public List<string> PinShareFiles { get; set; } = [];

    /// <summary>Shares of the PIN are typed or piped into the standard input at each start.</summary>
    public bool PinSharesFromStandardInput { get; set; }

    internal void Check(string section, List<string> faults)
    {
        if (Library.Length == 0 || TokenLabel.Length == 0 || KeyLabel.Length == 0)
        {
            faults.Add($"{section} needs Library, TokenLabel and KeyLabel");
        }

        if (KeyId is { } id && (id.Length == 0 || id.Length % 2 != 0 || !id.All(char.IsAsciiHexDigit)))
        {
            faults.Add($"{section}:KeyId is not an even number of hexadecimal digits");
        }

        if ((PinFile is null ? 0 : 1) + (PinShareFiles.Count == 0 ? 0 : 1) + (PinSharesFromStandardInput ? 1 : 0) != 1)
        {
            faults.Add($"{section} needs exactly one of PinFile, PinShareFiles, PinSharesFromStandardInput");
        }
    }
}

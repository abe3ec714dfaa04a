using Watchword.Hosting;
using Watchword.Kms.Pkcs11;

namespace Watchword.Kms.Server.Configuration;

/// <summary>Where custody documents are kept. What is in them is sealed either way.</summary>
public enum CustodyPlaceKind
{
    /// <summary>In PostgreSQL, unless the data directory holds documents already; with SQLite in the data directory.</summary>
    Automatic = 0,

    /// <summary>Files of the data directory; with several nodes each has a copy.</summary>
    Directory = 1,

    /// <summary>Rows of the PostgreSQL that the nodes share.</summary>
    Database = 2,
}

/// <summary>The key-encryption key, exactly one of the five, and where what is under it is kept.</summary>
public sealed class CustodyOptions
{
    /// <summary>Where the documents are.</summary>
    public CustodyPlaceKind Documents { get; set; }


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

    /// <summary>True if somebody has to type shares at each start.</summary>
    internal bool AsksForShares =>
        SharesFromStandardInput || Pkcs11 is { PinSharesFromStandardInput: true } || Previous is { AsksForShares: true };

    /// <summary>Name of the option that says which key it is.</summary>
    internal string OptionOf(string section) => this switch
    {
        { KeyEncryptionKeyFile: not null } => $"{section}:{nameof(KeyEncryptionKeyFile)}",
        { PassphraseFile: not null } => $"{section}:{nameof(PassphraseFile)}",
        { Pkcs11: not null } => $"{section}:{nameof(Pkcs11)}",
        { SharesFromStandardInput: true } => $"{section}:{nameof(SharesFromStandardInput)}",
        _ => $"{section}:{nameof(ShareFiles)}",
    };

    /// <summary>Every file with a secret, and the option that names it.</summary>
    internal IEnumerable<(string Option, string Path)> SecretFilesOf(string section)
    {
        IEnumerable<(string, string?)> files =
        [
            ($"{section}:{nameof(KeyEncryptionKeyFile)}", KeyEncryptionKeyFile),
            ($"{section}:{nameof(PassphraseFile)}", PassphraseFile),
            .. ShareFiles.Select((file, i) => ($"{section}:{nameof(ShareFiles)}:{i}", (string?)file)),
            ($"{section}:{nameof(Pkcs11)}:{nameof(Pkcs11Options.PinFile)}", Pkcs11?.PinFile),
            .. (Pkcs11?.PinShareFiles ?? []).Select(
                (file, i) => ($"{section}:{nameof(Pkcs11)}:{nameof(Pkcs11Options.PinShareFiles)}:{i}", (string?)file)),
        ];
        return files.Where(file => file.Item2 is not null).Select(file => (file.Item1, file.Item2!))
            .Concat(Previous?.SecretFilesOf($"{section}:{nameof(Previous)}") ?? []);
    }

    /// <summary>Adds what is wrong.</summary>
    /// <returns>True if nothing is.</returns>
    internal bool Check(string section, ConfigurationFaults faults)
    {
        int named = (KeyEncryptionKeyFile is null ? 0 : 1) + (PassphraseFile is null ? 0 : 1) + (ShareFiles.Count == 0 ? 0 : 1)
            + (SharesFromStandardInput ? 1 : 0) + (Pkcs11 is null ? 0 : 1);
        if (named != 1)
        {
            faults.Add(section, "names no key-encryption key, or more than one",
                "name exactly one of KeyEncryptionKeyFile (--kek-file), PassphraseFile (--passphrase-file), ShareFiles, "
                + "SharesFromStandardInput, Pkcs11");
        }

        bool isNested = Previous?.Previous is not null;
        if (isNested)
        {
            faults.Add($"{section}:Previous:Previous", "is one key too many", "finish one re-wrapping before the next");
        }

        bool isPlaced = Enum.IsDefined(Documents);
        if (!isPlaced)
        {
            faults.Add($"{section}:{nameof(Documents)}", "is no place of custody documents",
                "write Automatic, Directory or Database");
        }

        return (named == 1 && !isNested && isPlaced)
            & (Pkcs11?.Check($"{section}:Pkcs11", faults) ?? true)
            & (Previous?.Check($"{section}:Previous", faults) ?? true);
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

    /// <summary>Adds what is wrong.</summary>
    /// <returns>True if nothing is.</returns>
    internal bool Check(string section, ConfigurationFaults faults)
    {
        bool isNamed = Library.Length > 0 && TokenLabel.Length > 0 && KeyLabel.Length > 0;
        if (!isNamed)
        {
            faults.Add(section, "does not say which key", "write Library, TokenLabel and KeyLabel");
        }

        bool isHexadecimal = KeyId is not { } id || (id.Length > 0 && id.Length % 2 == 0 && id.All(char.IsAsciiHexDigit));
        if (!isHexadecimal)
        {
            faults.Add($"{section}:KeyId", "is not CKA_ID", "write an even number of hexadecimal digits");
        }

        bool hasPin = (PinFile is null ? 0 : 1) + (PinShareFiles.Count == 0 ? 0 : 1) + (PinSharesFromStandardInput ? 1 : 0) == 1;
        if (!hasPin)
        {
            faults.Add(section, "names no PIN, or more than one",
                "name exactly one of PinFile, PinShareFiles, PinSharesFromStandardInput");
        }

        return isNamed && isHexadecimal && hasPin;
    }
}

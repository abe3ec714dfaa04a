namespace Watchword.KeyManagement.Administration;

/// <summary>Custody in a few words.</summary>
public sealed class CustodyView
{
    /// <summary>False while shares are missing.</summary>
    public required bool IsUnsealed { get; init; }

    /// <summary>How far the unsealing is; absent where no shares are needed over this interface.</summary>
    public UnsealView? Unseal { get; init; }

    /// <summary>The documents; empty while sealed.</summary>
    public required IReadOnlyList<CustodyDocumentView> Documents { get; init; }

    /// <summary>The recovery key that opens backups; absent if there is none.</summary>
    public string? RecoveryKeyId { get; init; }
}

/// <summary>How far an unsealing is.</summary>
public sealed class UnsealView
{
    /// <summary>Set of the shares that were given.</summary>
    public string? SetId { get; init; }

    /// <summary>Shares given.</summary>
    public required int Given { get; init; }

    /// <summary>Shares needed; absent before the first.</summary>
    public int? Threshold { get; init; }
}

/// <summary>One document of custody.</summary>
public sealed class CustodyDocumentView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds.</summary>
    public required string Kind { get; init; }

    /// <summary>The domain; empty for the installation.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The generation.</summary>
    public required int Generation { get; init; }

    /// <summary>What a sealing key is for.</summary>
    public string? Purpose { get; init; }

    /// <summary>The key-encryption key that it is under.</summary>
    public required string KeyEncryptionKey { get; init; }

    /// <summary>True if that is the current one.</summary>
    public required bool IsCurrent { get; init; }
}

/// <summary>What a re-wrapping did, or would do.</summary>
public sealed class RewrapResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>All documents.</summary>
    public required int Documents { get; init; }

    /// <summary>Documents that are put under the current key.</summary>
    public required IReadOnlyList<string> Rewrapped { get; init; }

    /// <summary>True if every document was opened under the current key alone, so that the old one can be destroyed.</summary>
    public required bool IsFinished { get; init; }
}

/// <summary>A backup that this installation made, as its audit log has it.</summary>
public sealed class BackupView
{
    /// <summary>When it was made.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>SHA-256 over its octets, in hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its length in octets.</summary>
    public required long Octets { get; init; }

    /// <summary>The recovery key that opens it.</summary>
    public required string RecoveryKeyId { get; init; }

    /// <summary>True if the store is in it.</summary>
    public required bool HasStore { get; init; }
}

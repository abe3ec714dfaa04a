namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A signature over the audit log; the same stands in the log.</summary>
internal sealed class CheckpointRow
{
    /// <summary>The last record that is covered.</summary>
    public long Sequence { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; init; }

    public required string KeyId { get; init; }

    public required byte[] Signature { get; init; }
}

/// <summary>A key that signed a checkpoint.</summary>
internal sealed class AuditKeyRow
{
    public required string KeyId { get; init; }

    /// <summary>SubjectPublicKeyInfo in DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The first checkpoint that it signed.</summary>
    public long FirstSequence { get; init; }
}

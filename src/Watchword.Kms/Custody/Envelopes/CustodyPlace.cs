using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Kms;

/// <summary>What a custody document holds.</summary>
public enum CustodyKind
{
    /// <summary>The master secrets of one generation of a domain.</summary>
    MasterSecrets = 0,

    /// <summary>The key of a <see cref="SecretSealer"/>, for one purpose in one domain.</summary>
    SealingKey = 1,

    /// <summary>The key that signs the audit log of the installation.</summary>
    AuditSigningKey = 2,

    /// <summary>The public recovery key under which backups are encrypted; sealed so that nobody puts his own in its
    /// place.</summary>
    RecoveryKey = 3,
}

/// <summary>
/// The place of a custody document: its name is made of it, and it is the associated data of everything in it, so that a document
/// moved to another place, or a secret moved to another document, does not open.
/// </summary>
/// <param name="Kind">What it holds.</param>
/// <param name="KmsUri">The domain; empty for the whole installation.</param>
/// <param name="Generation">From 1.</param>
/// <param name="Purpose">For a sealing key.</param>
internal sealed record CustodyPlace(CustodyKind Kind, string KmsUri, int Generation, string? Purpose = null)
{
    public const int MaxPurposeLength = 32;

    public string Name => Kind switch
    {
        CustodyKind.MasterSecrets => $"custody-{HashOfUri}-{Generation}",
        CustodyKind.SealingKey => $"custody-sealing-{HashOfUri}-{Purpose}-{Generation}",
        CustodyKind.AuditSigningKey => $"custody-audit-signing-{Generation}",
        _ => $"custody-recovery-{Generation}",
    };

    public bool IsValid =>
        Enum.IsDefined(Kind)
        && KmsUri is not null
        && Encoding.UTF8.GetByteCount(KmsUri) <= DomainDescription.MaxKmsUriOctets
        && Generation >= 1
        && (Kind is CustodyKind.MasterSecrets or CustodyKind.SealingKey) == (KmsUri.Length > 0)
        && (Kind == CustodyKind.SealingKey ? IsPurpose(Purpose) : Purpose is null);

    public static bool IsPurpose(string? purpose) =>
        purpose is { Length: > 0 and <= MaxPurposeLength }
        && purpose.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>The place and the name of a secret in it, lengths before the variable parts; an empty name stands for the data
    /// key.</summary>
    public byte[] AssociatedData(string secret)
    {
        using MemoryStream data = new();
        data.Write("watchword-custody-2"u8);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, Generation);
        data.Write(number);
        foreach (string text in new[] { CustodyEnvelope.NameOf(Kind), KmsUri, Purpose ?? string.Empty, secret })
        {
            byte[] octets = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(number, octets.Length);
            data.Write(number);
            data.Write(octets);
        }

        return data.ToArray();
    }

    // The KMS URI may hold any character; a name of a document may not.
    private string HashOfUri => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KmsUri)).AsSpan(0, 8));
}

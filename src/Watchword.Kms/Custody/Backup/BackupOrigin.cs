using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Who made a backup: anybody can encrypt to a recovery key, which is public. The last entry has the SubjectPublicKeyInfo of the
/// audit key (91 octets) and its signature (64 octets) over the label <c>watchword-backup-origin-1</c> and SHA-256 over all
/// entries before it: manifest, documents and store.
/// </summary>
/// <param name="Key">The key that signed.</param>
/// <param name="IsSigned">True if its signature holds. Proves something only of a key that is known otherwise.</param>
public sealed record BackupOrigin(AuditPublicKey Key, bool IsSigned)
{
    internal const string EntryName = "origin";
    internal const int MaxOctets = 1024;

    private static ReadOnlySpan<byte> Label => "watchword-backup-origin-1"u8;

    /// <summary>The content of the entry.</summary>
    internal static byte[] Sign(ReadOnlySpan<byte> digest, IAuditSigner signer)
    {
        byte[] key = signer.PublicKey.Export();
        byte[] content = new byte[key.Length + AuditPublicKey.SignatureSizeInBytes];
        key.CopyTo(content, 0);
        signer.Sign([.. Label, .. digest], content.AsSpan(key.Length));
        return content;
    }

    /// <exception cref="KmsException"><see cref="KmsError.BackupMalformed"/>.</exception>
    internal static BackupOrigin Read(ReadOnlySpan<byte> content, ReadOnlySpan<byte> digest)
    {
        try
        {
            int length = Math.Max(0, content.Length - AuditPublicKey.SignatureSizeInBytes);
            AuditPublicKey key = AuditPublicKey.Import(content[..length]);
            return new BackupOrigin(key, key.Verify([.. Label, .. digest], content[length..]));
        }
        catch (System.Security.Cryptography.CryptographicException fault)
        {
            throw new KmsException(KmsError.BackupMalformed, EntryName, fault);
        }
    }
}

using System.Globalization;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// The end of the audit log as this node last saw it, signed by the audit key, in a file of mode 0600 outside the database. Who
/// rewrites the log while no server runs has neither that key nor, where he only reaches the database, the file.
/// </summary>
/// <param name="path">The file.</param>
public sealed class AuditHeadFile(string path)
{
    /// <summary>What is kept; null if there is no file.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.AuditHeadMismatch"/> if it is no signed head;
    /// <see cref="KmsError.SecretFileUnreadable"/>, <see cref="KmsError.SecretFilePermissions"/>.</exception>
    public SignedAuditHead? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        return SignedAuditHead.TryParse(GuardedFile.Read(path, SignedAuditHead.MaxOctets), out SignedAuditHead? kept)
            ? kept
            : throw new KmsException(KmsError.AuditHeadMismatch, $"{path} is no signed head");
    }

    /// <summary>What is kept, signed by a trusted key; null if there is no file.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.AuditHeadMismatch"/>: it is not signed by one; or as
    /// <see cref="Read"/>.</exception>
    public SignedAuditHead? ReadTrusted(IReadOnlyList<AuditPublicKey> trusted) =>
        Read() is not { } kept ? null
        : kept.IsSignedBy(trusted) ? kept
        : throw new KmsException(KmsError.AuditHeadMismatch, $"{path} is not signed by the audit key");

    /// <summary>Compares what is kept with the log.</summary>
    /// <returns>What is kept; null if there is no file.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AuditHeadMismatch"/>: the log has another record there, or none; or as
    /// <see cref="ReadTrusted"/>.</exception>
    public async Task<SignedAuditHead?> CheckAsync(
        IAuditStore store, IReadOnlyList<AuditPublicKey> trusted, CancellationToken cancellationToken = default)
    {
        SignedAuditHead? kept = ReadTrusted(trusted);
        if (kept is null)
        {
            return null;
        }

        AuditHead head = kept.Head;
        if (head.Sequence > 0 && !await IsInLogAsync(store, head, cancellationToken).ConfigureAwait(false))
        {
            throw new KmsException(KmsError.AuditHeadMismatch, string.Create(
                CultureInfo.InvariantCulture,
                $"record {head.Sequence} of {head.Time:O} is not in the log as this node signed it"));
        }

        return kept;
    }

    /// <summary>Signs the end of the log as it is now and keeps that, unless what was kept does not fit.</summary>
    /// <exception cref="KmsException">As <see cref="CheckAsync"/>; <see cref="KmsError.StoreUnavailable"/>: the file cannot be
    /// written.</exception>
    public async Task RenewAsync(IAuditStore store, IAuditSigner signer, CancellationToken cancellationToken = default)
    {
        AuditHead head = await store.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false);
        SignedAuditHead? kept = await CheckAsync(store, [signer.PublicKey], cancellationToken).ConfigureAwait(false);
        if (kept is null || kept.Head.Sequence < head.Sequence)
        {
            Write(SignedAuditHead.Sign(head, signer));
        }
    }

    /// <summary>Keeps the end of the log as it is now, whatever was kept. For an act that is in the log.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>: the file cannot be written.</exception>
    public async Task ReplaceAsync(IAuditStore store, IAuditSigner signer, CancellationToken cancellationToken = default) =>
        Write(SignedAuditHead.Sign(await store.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false), signer));

    private void Write(SignedAuditHead head)
    {
        try
        {
            GuardedFile.Replace(path, head.Export());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.StoreUnavailable, path, fault);
        }
    }

    private static async Task<bool> IsInLogAsync(IAuditStore store, AuditHead head, CancellationToken cancellationToken)
    {
        await foreach (AuditRecord record in store.ReadAuditAsync(head.Sequence - 1, cancellationToken).ConfigureAwait(false))
        {
            return record.Sequence == head.Sequence && record.Hash.Span.SequenceEqual(head.Hash.Span);
        }

        return false;
    }
}

using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Chooses the identities by which a backup is verified, and derives them: those that were keyed last, from the audit log, and
/// test identities that nobody has, so that a domain without users can be verified too.
/// </summary>
public static class BackupSampling
{
    /// <summary>Most identities from the audit log, in each generation.</summary>
    public const int IssuedPerGeneration = 16;

    private const int TestsPerGeneration = 2;
    private const long AuditWindow = 4096;

    /// <summary>Samples of all generations. A generation whose secrets do not open makes the backup fail, now rather than
    /// when it is needed.</summary>
    public static async Task<IReadOnlyList<BackupSample>> TakeAsync(
        IReadOnlyList<DomainRecord> generations, IAuditStore audit, IMasterSecretCustody custody, TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        List<BackupSample> samples = await FromAuditAsync(audit, cancellationToken).ConfigureAwait(false);
        samples.RemoveAll(sample => !generations.Any(
            known => known.KmsUri == sample.KmsUri && known.Generation == sample.Generation));
        foreach (DomainRecord record in generations)
        {
            using OpenedGeneration domain =
                await OpenedGeneration.OpenAsync(record, custody, cancellationToken).ConfigureAwait(false);
            long period = record.Schedule.At(time.GetUtcNow()).Number;
            for (int i = 1; i <= TestsPerGeneration; i++)
            {
                string uri = $"sip:backup-sample-{i}@watchword.invalid";
                samples.Add(new BackupSample(
                    record.KmsUri, record.Generation, uri, period, domain.Certificate.UserIdFor(uri, period).Octets.ToArray(),
                    Derive(domain, new SelfCheck(domain.Certificate, fullCheckRate: 0), uri, period), WasIssued: false));
            }
        }

        return samples;
    }

    /// <summary>Issues the key set of an identity, checks it, and gives SHA-256 over its PVT; the key set is destroyed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SelfCheckFailed"/>.</exception>
    internal static byte[] Derive(OpenedGeneration domain, SelfCheck check, string userUri, long period)
    {
        UserId uid = domain.Certificate.UserIdFor(userUri, period);
        using EccsiSigningKey signing = domain.Secrets.Eccsi.IssueSigningKey(uid.Octets, domain.Secrets.Derivation);
        using SakkeReceiverKey receiver = domain.Secrets.Sakke.IssueReceiverKey(uid.Octets);
        using KmsKeySet keySet = KmsKeySet.Create(domain.Certificate, userUri, period, signing, receiver);
        if (!check.Passes(signing.Validate() && receiver.IsOnCurve(), keySet))
        {
            throw new KmsException(KmsError.SelfCheckFailed);
        }

        Span<byte> token = stackalloc byte[EccsiSigningKey.PublicTokenSizeInBytes];
        keySet.ExportPublicToken(token);
        return SHA256.HashData(token);
    }

    private static async Task<List<BackupSample>> FromAuditAsync(IAuditStore audit, CancellationToken cancellationToken)
    {
        AuditHead head = await audit.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<(string KmsUri, int Generation), Queue<BackupSample>> latest = [];
        await foreach (AuditRecord record in audit.ReadAuditAsync(Math.Max(0, head.Sequence - AuditWindow), cancellationToken)
            .ConfigureAwait(false))
        {
            AuditEntry entry = record.Entry;
            if (entry is not { Kind: AuditKind.Outcome, Result: 0, KeyPeriodNumber: { } period })
            {
                continue;
            }

            if (!latest.TryGetValue((entry.KmsUri, entry.Generation), out Queue<BackupSample>? of))
            {
                latest.Add((entry.KmsUri, entry.Generation), of = new Queue<BackupSample>());
            }

            foreach (AuditKeySet issued in Issued(entry))
            {
                of.Enqueue(new BackupSample(
                    entry.KmsUri, entry.Generation, issued.UserUri, period, issued.UserId.ToArray(),
                    issued.PublicTokenHash.ToArray(), WasIssued: true));
            }

            while (of.Count > IssuedPerGeneration)
            {
                of.Dequeue();
            }
        }

        return [.. latest.Values.SelectMany(of => of)];
    }

    // A record of the first format is about one key set and holds it itself.
    private static IEnumerable<AuditKeySet> Issued(AuditEntry entry)
    {
        IEnumerable<AuditKeySet> all = entry is { KeySets.Count: 0, UserUri: { } uri }
            ? [new AuditKeySet(uri, entry.Service ?? string.Empty, entry.UserId, entry.PublicTokenHash)]
            : entry.KeySets;
        return all.Where(issued => issued.PublicTokenHash.Length == SHA256.HashSizeInBytes);
    }
}

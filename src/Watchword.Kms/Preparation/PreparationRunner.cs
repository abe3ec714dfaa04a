using System.Globalization;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Works on the preparations of a store, one at a time, as one of its nodes: takes one that nobody works on, goes through its
/// source batch by batch, and stores with each how far it is. Whoever is killed leaves nothing half done, and the next goes on
/// from there. The steps are those of <c>docs/flows/preparing-ahead.md</c>, with the same numbers.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="installation">The open domains.</param>
/// <param name="vault">Seals what is made.</param>
/// <param name="transportKeys">Opens the transport keys.</param>
/// <param name="settings">How much of the processors it takes.</param>
/// <param name="time">The clock.</param>
/// <param name="instruments">What is measured; null for nothing.</param>
public sealed class PreparationRunner(
    IKmsStore store, KmsInstallation installation, PreparedKeyVault vault, TransportKeyVault transportKeys,
    PreparationSettings settings, TimeProvider time, PreparationInstruments? instruments = null)
{
    /// <summary>How long a preparation at least stays with a node that is not heard of.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int LeaseBatches = 4;

    private readonly PreparationBatcher _batcher = new(settings);
    private readonly string _node = Guid.NewGuid().ToString("N");

    /// <summary>What this node takes: by its last batch, or nodes whose batch is longer than the shortest lease would take a
    /// preparation from each other for ever.</summary>
    private TimeSpan _lease = Lease;

    /// <summary>Takes a preparation that waits, and works on it until it is finished, stopped, failed or taken over.</summary>
    /// <returns>The preparation as it was left; null if none waited.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>, <see cref="KmsError.ClockBehindAudit"/>: it stays
    /// with this node until its lease ends.</exception>
    /// <exception cref="OperationCanceledException">It was given back, to be continued.</exception>
    public async Task<Preparation?> RunAsync(CancellationToken cancellationToken = default)
    {
        foreach (Preparation waiting in await store.FindPreparationsAsync(kmsUri: null, cancellationToken).ConfigureAwait(false))
        {
            // A node whose custody has another sealing key leaves it to those that could open what it would store.
            if (waiting.State == PreparationState.Running && installation.Find(waiting.KmsUri) is { } issuer
                && await vault.OpenAsync(waiting.KmsUri, cancellationToken).ConfigureAwait(false) is { } sealer
                && sealer.KeyId == waiting.SealerId
                && await TakeAsync(waiting.Id, cancellationToken).ConfigureAwait(false) is { } taken)
            {
                return await WorkAsync(issuer, taken, sealer, cancellationToken).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>1. Nobody else works on it until the lease ends.</summary>
    private Task<Preparation?> TakeAsync(long id, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetStoreTime();
        return store.ChangePreparationAsync(
            id,
            one => one.State == PreparationState.Running && (one.Owner is null || one.Owner == _node || one.LeaseUntil <= now)
                ? new PreparationStep(
                    one with { Owner = _node, LeaseUntil = now + _lease, RunSince = now, RunFrom = one.Done, UpdatedAt = now }, [])
                : null,
            cancellationToken);
    }

    private async Task<Preparation> WorkAsync(
        KeyIssuer issuer, Preparation taken, SecretSealer sealer, CancellationToken cancellationToken)
    {
        Preparation last = taken;
        try
        {
            SelfCheck? check = null;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await installation.RefreshAsync(cancellationToken).ConfigureAwait(false);
                DomainGeneration generation = issuer.Domain.Generations.All.FirstOrDefault(
                    one => one.Number == taken.Generation && one.State is GenerationState.Prepared or GenerationState.Active)
                    ?? throw new KmsException(KmsError.GenerationNotIssuing, $"generation {taken.Generation}");
                check ??= new SelfCheck(generation.Certificate, issuer.Policy.FullCheckRate);
                Preparation? after = await BatchAsync(last, generation, check, sealer, cancellationToken).ConfigureAwait(false);
                if (after is null)
                {
                    // Stopped, erased or taken over meanwhile: what it is now is for others to say.
                    return last;
                }

                last = after;
                if (last.State != PreparationState.Running)
                {
                    return last;
                }
            }
        }
        catch (OperationCanceledException)
        {
            await LeaveAsync(last, one => one with { Owner = null, LeaseUntil = time.GetStoreTime() }, fault: null)
                .ConfigureAwait(false);
            throw;
        }
        catch (Exception fault) when (!IsPassing(fault))
        {
            // Whatever it is, it would be the same again: the officer sees it, and the server serves on.
            KmsException told = fault as KmsException ?? new KmsException(KmsError.InternalError, innerException: fault);
            return await LeaveAsync(
                last,
                one => one with
                {
                    State = PreparationState.Failed, Owner = null, LeaseUntil = time.GetStoreTime(), Fault = (int)told.Error,
                },
                told).ConfigureAwait(false) ?? last;
        }
    }

    private static bool IsPassing(Exception fault) =>
        fault is KmsException { Error: KmsError.StoreUnavailable or KmsError.ClockBehindAudit };

    /// <summary>One batch: read, intent, make, store with the outcome.</summary>
    private async Task<Preparation?> BatchAsync(
        Preparation seen, DomainGeneration generation, SelfCheck check, SecretSealer sealer, CancellationToken cancellationToken)
    {
        // 2. Whose keys come next.
        long begin = time.GetTimestamp();
        (IReadOnlyList<KeyHolder> holders, long cursor) = await store.ReadHoldersAsync(
            seen, settings.BatchSize, cancellationToken).ConfigureAwait(false);
        if (holders.Count == 0)
        {
            return await FinishAsync(seen).ConfigureAwait(false);
        }

        // 3. The intent is on the disk before any key exists.
        FormattableString intended = $"to prepare {holders.Count} identities, number {holders[0].Number} to {holders[^1].Number}";
        IReadOnlyList<AuditRecord> intent = await store.AppendAuditAsync(
            [PreparationActs.Entry(seen.OrderedBy, seen, seen.CorrelationId, intended)], cancellationToken).ConfigureAwait(false);

        // 4. Make, check and seal.
        List<WantedKey> wanted = Want(generation, seen.PeriodNumber, holders);
        List<TransportKey> opened = [];
        try
        {
            wanted = await WithTransportKeysAsync(seen.KmsUri, wanted, opened, cancellationToken).ConfigureAwait(false);
            (IReadOnlyList<SealedKeySet> keySets, string digest) = await _batcher.MakeAsync(
                generation, check, sealer, seen.PeriodNumber, wanted, cancellationToken).ConfigureAwait(false);

            // 5. Store them with the outcome and the cursor.
            DateTimeOffset now = time.GetStoreTime();
            TimeSpan needed = time.GetElapsedTime(begin) * LeaseBatches;
            _lease = needed > Lease ? needed : Lease;
            Preparation after = seen with
            {
                Cursor = cursor,
                Done = seen.Done + holders.Count,
                LeftOut = seen.LeftOut + holders.Count - wanted.Count,
                Total = Math.Max(seen.Total, seen.Done + holders.Count),
                UpdatedAt = now,
                LeaseUntil = now + _lease,
            };
            (long first, long final) = (holders[0].Number, holders[^1].Number);
            FormattableString done =
                $"prepared {wanted.Count} of {holders.Count} identities, number {first} to {final}, digest {digest}";
            AuditEntry outcome = PreparationActs.Entry(
                seen.OrderedBy, seen, seen.CorrelationId, done, intent[0].Sequence);
            Preparation? written = await store.WritePreparedAsync(
                new PreparedBatch(seen, after, [.. wanted.Select(key => key.Holder)], keySets, outcome),
                CancellationToken.None).ConfigureAwait(false);
            instruments?.Prepared(written is null ? 0 : keySets.Count);
            return written;
        }
        finally
        {
            opened.ForEach(key => key.Dispose());
        }
    }

    /// <summary>The identities of a batch that can be keyed, each once. Those of other domains need a grant at the time of asking,
    /// and are made then.</summary>
    private static List<WantedKey> Want(DomainGeneration generation, long periodNumber, IReadOnlyList<KeyHolder> holders)
    {
        Dictionary<string, WantedKey> wanted = new(StringComparer.Ordinal);
        foreach (KeyHolder holder in holders)
        {
            if (!OwnIdentityDomains.IsOwn(generation.Record, holder.UserUri))
            {
                continue;
            }

            try
            {
                // Who got an identity last has it now.
                wanted[holder.UserUri] = new WantedKey(
                    holder, generation.Certificate.UserIdFor(holder.UserUri, periodNumber));
            }
            catch (ArgumentException)
            {
                // An identity without UID: a list may hold anything.
            }
        }

        return [.. wanted.Values];
    }

    private async Task<List<WantedKey>> WithTransportKeysAsync(
        string kmsUri, List<WantedKey> wanted, List<TransportKey> opened, CancellationToken cancellationToken)
    {
        ILookup<string, TransportKeyClient> clients = (await store.FindTransportKeyClientsAsync(
            kmsUri, [.. wanted.Select(key => key.Holder.UserUri)], cancellationToken).ConfigureAwait(false))
            .Where(client => client is { State: EnrolmentState.Enrolled, Current: not null })
            .ToLookup(client => client.UserUri, StringComparer.Ordinal);
        if (clients.Count == 0)
        {
            return wanted;
        }

        SecretSealer sealer = await transportKeys.OpenAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        return [.. wanted.Select(key => key with
        {
            TransportKeys = [.. clients[key.Holder.UserUri].Select(client => Open(sealer, client, opened))],
        })];
    }

    private static TransportKey Open(SecretSealer sealer, TransportKeyClient client, List<TransportKey> opened)
    {
        (TransportKey transportKey, IntegrityKey? integrityKey) = TransportKeyVault.Open(sealer, client, client.Current!);
        integrityKey?.Dispose();
        opened.Add(transportKey);
        return transportKey;
    }

    private Task<Preparation?> FinishAsync(Preparation seen)
    {
        DateTimeOffset now = time.GetStoreTime();
        return store.ChangePreparationAsync(
            seen.Id,
            one => IsMine(one, seen)
                ? new PreparationStep(
                    one with { State = PreparationState.Finished, Owner = null, LeaseUntil = now, UpdatedAt = now },
                    [PreparationActs.Entry(
                        one.OrderedBy, one, one.CorrelationId,
                        $"finished preparing, {one.Done} identities, {one.LeftOut} left out")])
                : null,
            CancellationToken.None);
    }

    /// <summary>Gives a preparation back.</summary>
    private Task<Preparation?> LeaveAsync(Preparation seen, Func<Preparation, Preparation> change, KmsException? fault) =>
        store.ChangePreparationAsync(
            seen.Id,
            one =>
            {
                if (!IsMine(one, seen))
                {
                    return null;
                }

                Preparation after = change(one);
                string number = ((int?)fault?.Error)?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;
                FormattableString failed = $"failed after {one.Done} identities, KMS {number}";
                return new PreparationStep(
                    after,
                    fault is null ? [] : [PreparationActs.Entry(one.OrderedBy, after, one.CorrelationId, failed)]);
            },
            CancellationToken.None);

    private bool IsMine(Preparation one, Preparation seen) =>
        one.State == PreparationState.Running && one.Owner == _node && one.Cursor == seen.Cursor;
}

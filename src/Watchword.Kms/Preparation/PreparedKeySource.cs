using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// Takes key sets that were made ahead in the place of making them, after the same checks and before the same ones: whoever
/// comes here has passed policy and intent, and what leaves here passes self-check and outcome. The steps are those of
/// <c>docs/flows/preparing-ahead.md</c>.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="vault">Opens what is sealed.</param>
/// <param name="time">The clock.</param>
/// <param name="instruments">What is measured; null for nothing.</param>
public sealed class PreparedKeySource(
    IPreparedKeyStore store, PreparedKeyVault vault, TimeProvider time, PreparationInstruments? instruments = null)
{
    /// <summary>How long a node may not know of a preparation: then keys are made as if there were none.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IReadOnlyList<Preparation>? _known;
    private long _asked;

    /// <summary>The key sets of what was prepared for an answer: those that are stored, and the others made.</summary>
    /// <param name="prepared">The issuance; its intent is on the disk.</param>
    /// <param name="check">The self-check of the generation.</param>
    /// <param name="make">Makes key sets, each checked.</param>
    internal async Task<KmsKeySet[]> TakeAsync(
        PreparedIssuance prepared, SelfCheck check, Func<IReadOnlyList<PreparedKey>, Task<KmsKeySet[]>> make)
    {
        if (prepared.Generation.Secrets is null
            || await FindAsync(prepared).ConfigureAwait(false) is not { } preparation
            || await vault.OpenAsync(preparation.KmsUri, CancellationToken.None).ConfigureAwait(false) is not { } sealer
            || sealer.KeyId != preparation.SealerId)
        {
            return await make(prepared.Keys).ConfigureAwait(false);
        }

        // One question for the whole answer.
        ILookup<string, SealedKeySet> stored = (await store.FindPreparedAsync(
            preparation.Id, [.. prepared.Keys.Select(key => (ReadOnlyMemory<byte>)key.UserId.Octets.ToArray())])
            .ConfigureAwait(false)).ToLookup(row => Convert.ToHexString(row.UserId.Span));
        Opening opening = new(prepared, check, sealer, instruments);
        KmsKeySet?[] taken = new KmsKeySet?[prepared.Count];
        try
        {
            for (int i = 0; i < taken.Length; i++)
            {
                taken[i] = opening.Open(prepared.Keys[i], stored[Convert.ToHexString(prepared.Keys[i].UserId.Octets)]);
            }

            if (opening.Useless.Count > 0)
            {
                await store.ErasePreparedAsync(preparation.Id, opening.Useless).ConfigureAwait(false);
            }

            await FillAsync(prepared, taken, make).ConfigureAwait(false);
            instruments?.Taken(opening.Taken);
            return [.. taken.Select(keySet => keySet!)];
        }
        catch
        {
            Array.ForEach(taken, keySet => keySet?.Dispose());
            throw;
        }
    }

    private static async Task FillAsync(
        PreparedIssuance prepared, KmsKeySet?[] taken, Func<IReadOnlyList<PreparedKey>, Task<KmsKeySet[]>> make)
    {
        int[] missing = [.. Enumerable.Range(0, taken.Length).Where(i => taken[i] is null)];
        if (missing.Length == 0)
        {
            return;
        }

        KmsKeySet[] made = await make([.. missing.Select(i => prepared.Keys[i])]).ConfigureAwait(false);
        for (int i = 0; i < missing.Length; i++)
        {
            taken[missing[i]] = made[i];
        }
    }

    private async Task<Preparation?> FindAsync(PreparedIssuance prepared)
    {
        IReadOnlyList<Preparation>? known;
        bool asks;
        lock (_lock)
        {
            asks = _known is null || time.GetElapsedTime(_asked) >= RefreshInterval;
            _asked = asks ? time.GetTimestamp() : _asked;
            known = _known;
        }

        if (asks || known is null)
        {
            known = await store.FindPreparationsAsync(kmsUri: null).ConfigureAwait(false);
            lock (_lock)
            {
                _known = known;
            }
        }

        return known.FirstOrDefault(one => one.State != PreparationState.Erased
            && one.KmsUri == prepared.Generation.Record.KmsUri && one.Generation == prepared.Generation.Number
            && one.PeriodNumber == prepared.PeriodNumber);
    }

    /// <summary>Opens what is stored for one requester.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes what the call gives.")]
    private sealed class Opening(
        PreparedIssuance prepared, SelfCheck check, SecretSealer sealer, PreparationInstruments? instruments)
    {
        private readonly byte[] _holder = PreparedPlace.HashHolder(
            prepared.Request.Requester.Issuer, prepared.Request.Requester.Subject);

        private readonly TransportKey? _transportKey = prepared.Request.Exchange?.TransportKey;

        /// <summary>What must not stay.</summary>
        public List<SealedKeySet> Useless { get; } = [];

        /// <summary>How many opened.</summary>
        public int Taken { get; private set; }

        /// <summary>The key set; null if it is to be made. One under the transport key of another client stays for that
        /// one.</summary>
        public KmsKeySet? Open(PreparedKey key, IEnumerable<SealedKeySet> stored)
        {
            foreach (SealedKeySet row in stored.Where(_ => key.Grant is null))
            {
                if (!row.Holder.Span.SequenceEqual(_holder))
                {
                    Discard(row, PreparedKeyFault.Moved);
                }
                else if (row.TransportKeyId.Length == 0 || row.TransportKeyId == _transportKey?.Id)
                {
                    if (Open(key, row) is { } keySet)
                    {
                        Taken++;
                        return keySet;
                    }
                }
            }

            return null;
        }

        private KmsKeySet? Open(PreparedKey key, SealedKeySet row)
        {
            KmsKeySet keySet;
            try
            {
                keySet = PreparedKeyVault.Open(
                    sealer, prepared.Generation, prepared.PeriodNumber, key, row, _holder,
                    row.TransportKeyId.Length == 0 ? null : _transportKey);
            }
            catch (KmsException fault) when (fault.Error == KmsError.SealedSecretNotOpened)
            {
                Discard(row, PreparedKeyFault.NotOpened);
                return null;
            }

            if (check.Passes(IsSound(keySet), keySet))
            {
                return keySet;
            }

            keySet.Dispose();
            Discard(row, PreparedKeyFault.Unsound);
            return null;
        }

        /// <summary>What is found of a fresh key, found again of a stored one.</summary>
        private bool IsSound(KmsKeySet keySet)
        {
            Span<byte> receiver = stackalloc byte[SakkeReceiverKey.SizeInBytes];
            Span<byte> secret = stackalloc byte[EccsiSigningKey.SecretSizeInBytes];
            Span<byte> token = stackalloc byte[EccsiSigningKey.PublicTokenSizeInBytes];
            try
            {
                keySet.ExportReceiverKey(receiver);
                keySet.ExportSigningSecret(secret);
                keySet.ExportPublicToken(token);
                if (!SakkeReceiverKey.IsOnCurve(receiver) || !EccsiSigningKey.TryImport(
                    prepared.Generation.Certificate.PublicAuthenticationKey, keySet.UserId.Octets, secret, token,
                    out EccsiSigningKey? signing))
                {
                    return false;
                }

                signing.Dispose();
                return true;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(receiver);
                CryptographicOperations.ZeroMemory(secret);
            }
        }

        private void Discard(SealedKeySet row, PreparedKeyFault fault)
        {
            Useless.Add(row);
            instruments?.Discarded(fault);
        }
    }
}

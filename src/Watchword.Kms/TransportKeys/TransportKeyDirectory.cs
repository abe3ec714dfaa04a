using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// The acts on transport and integrity keys: enrol, import, export once, revoke, release, rotate. Each is one transaction with
/// its audit
/// record. No key ever leaves but by <see cref="ExportAsync"/>, or wrapped under the one before.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="vault">Seals the keys; stays with the caller.</param>
/// <param name="time">The clock.</param>
public sealed partial class TransportKeyDirectory(IKmsStore store, TransportKeyVault vault, TimeProvider time)
{
    /// <summary>How exactly it is known when a client was last seen: not every request is written down.</summary>
    public static readonly TimeSpan SeenResolution = TimeSpan.FromMinutes(10);

    /// <summary>True to check everything and to change nothing: the answers say what would be, and keys in them are none that anybody
    /// gets. Nothing is exported.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Enrols a client: makes its first keys, which <see cref="ExportAsync"/> then gives out once.</summary>
    /// <returns>The client with the ids and the fingerprint of its keys.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>, <see cref="KmsError.EnrolmentMalformed"/>,
    /// <see cref="KmsError.ClientEnrolled"/> if it has keys and they are not to be replaced.</exception>
    public Task<TransportKeyClient> EnrolAsync(
        Authority by, TransportKeyEnrolment enrolment, string correlationId, CancellationToken cancellationToken = default) =>
        EnrolAsync(
            by,
            enrolment,
            (sealer, client, number, now) => client with
            {
                IsExportable = true,
                Pairs = [TransportKeyVault.Generate(sealer, client, number, TransportKeyPairState.Current, now)],
            },
            "enrolled",
            correlationId,
            cancellationToken);

    /// <summary>Enrols a client with keys that were made elsewhere. They cannot be exported.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="enrolment">Which client.</param>
    /// <param name="transportKey">Its transport key; stays with the caller.</param>
    /// <param name="integrityKey">Its integrity key, which stays with the caller; null if the transport key signs, too.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException">As <see cref="EnrolAsync(Authority, TransportKeyEnrolment, string, CancellationToken)"/>;
    /// <see cref="KmsError.TransportKeyIdTaken"/> if a client of the identity has a key of that id, or both keys have the
    /// same.</exception>
    public Task<TransportKeyClient> ImportAsync(
        Authority by, TransportKeyEnrolment enrolment, TransportKey transportKey, IntegrityKey? integrityKey,
        string correlationId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transportKey);
        return EnrolAsync(
            by,
            enrolment,
            (sealer, client, number, now) => client with
            {
                IsExportable = false,
                Pairs =
                [
                    TransportKeyVault.Seal(
                        sealer, client, number, TransportKeyPairState.Current, transportKey, integrityKey, now),
                ],
            },
            "enrolled with imported keys",
            correlationId,
            cancellationToken);
    }

    /// <summary>Gives out the first keys of a client, once. They are gone if the file does not reach the client: then it is
    /// enrolled
    /// anew.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="clientId">The client.</param>
    /// <param name="kmsAddress">The base URL of the KMS, for the file.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file, which the caller disposes.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ClientNotEnrolled"/>; <see cref="KmsError.TransportKeysExported"/> if
    /// they
    /// were given out, imported or used; <see cref="KmsError.EnrolmentMalformed"/>.</exception>
    public async Task<TransportKeyFile> ExportAsync(
        Authority by, string kmsUri, string userUri, string clientId, string kmsAddress, string correlationId,
        CancellationToken cancellationToken = default)
    {
        if (IsDryRun)
        {
            throw new InvalidOperationException("A dry run gives no keys out.");
        }

        SecretSealer sealer = await vault.OpenAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        TransportKeyFile? file = null;
        try
        {
            await ChangeAsync(
                kmsUri, userUri, clientId,
                (client, _) =>
                {
                    if (!client.IsExportable || client.Current is not { } pair)
                    {
                        throw new KmsException(KmsError.TransportKeysExported);
                    }

                    // Within the decision: keys that do not open must not count as given out.
                    file?.Dispose();
                    file = OpenFile(sealer, client, pair, kmsAddress);
                    return new TransportKeyStep(
                        client with { IsExportable = false },
                        [TransportKeySteps.Entry(by, client, correlationId, $"exported: {TransportKeySteps.Name(pair)}")]);
                },
                cancellationToken).ConfigureAwait(false);
            return file!;
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Ends the keys of a client. Its identity stays one whose requests must be signed.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="clientId">The client.</param>
    /// <param name="reason">Why, for the audit log; at most 200 characters of it are kept.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.ClientNotEnrolled"/>.</exception>
    public Task<TransportKeyClient> RevokeAsync(
        Authority by, string kmsUri, string userUri, string clientId, string reason, string correlationId,
        CancellationToken cancellationToken = default) =>
        EndAsync(by, kmsUri, userUri, clientId, EnrolmentState.Revoked, reason, correlationId, cancellationToken);

    /// <summary>Ends the keys of a client, enrolled or revoked, and lets its identity ask without signature again, unless it
    /// has another
    /// client.</summary>
    /// <inheritdoc cref="RevokeAsync" path="/param"/>
    /// <inheritdoc cref="RevokeAsync" path="/exception"/>
    public Task<TransportKeyClient> ReleaseAsync(
        Authority by, string kmsUri, string userUri, string clientId, string reason, string correlationId,
        CancellationToken cancellationToken = default) =>
        EndAsync(by, kmsUri, userUri, clientId, EnrolmentState.Released, reason, correlationId, cancellationToken);

    /// <summary>How keys are wrapped for a client from now on.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClientNotEnrolled"/>.</exception>
    public Task<TransportKeyClient> SetWrapProfileAsync(
        Authority by, string kmsUri, string userUri, string clientId, KeyWrapProfile? profile, string correlationId,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            kmsUri, userUri, clientId,
            (client, _) => new TransportKeyStep(
                client with { WrapProfile = profile },
                [TransportKeySteps.Entry(by, client, correlationId, $"wrap profile {profile?.ToString() ?? "of the domain"}")]),
            cancellationToken);

    /// <summary>A client; null if it was never enrolled.</summary>
    public async Task<TransportKeyClient?> FindAsync(
        string kmsUri, string userUri, string clientId, CancellationToken cancellationToken = default) =>
        Of(await store.FindTransportKeyClientsAsync(kmsUri, [userUri], cancellationToken).ConfigureAwait(false), clientId);

    private async Task<TransportKeyClient> EnrolAsync(
        Authority by, TransportKeyEnrolment enrolment,
        Func<SecretSealer, TransportKeyClient, int, DateTimeOffset, TransportKeyClient> withKeys, string act,
        string correlationId, CancellationToken cancellationToken)
    {
        enrolment.Validate();
        if ((await store.FindGenerationsAsync(enrolment.KmsUri, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            throw new KmsException(KmsError.UnknownDomain, enrolment.KmsUri);
        }

        SecretSealer sealer = await vault.OpenAsync(enrolment.KmsUri, cancellationToken).ConfigureAwait(false);
        TransportKeyClient? enrolled = null;
        await DecideAsync(
            enrolment.KmsUri,
            enrolment.UserUri,
            all =>
            {
                TransportKeyClient? before = Of(all, enrolment.ClientId);
                if (before is { State: EnrolmentState.Enrolled } && !enrolment.Replace)
                {
                    throw new KmsException(KmsError.ClientEnrolled);
                }

                DateTimeOffset now = time.GetStoreTime();
                int number = TransportKeySteps.NextNumber(all, enrolment.UserUri);
                enrolled = withKeys(sealer, Blank(enrolment, number, now), number, now);
                RequireFreeIds(enrolled.Pairs[0], all);
                string again = before is { State: EnrolmentState.Enrolled } ? " anew, what it had is void" : string.Empty;
                return new TransportKeyStep(
                    enrolled,
                    [
                        TransportKeySteps.Entry(
                            by, enrolled, correlationId, $"{act}{again}: {TransportKeySteps.Name(enrolled.Pairs[0])}"),
                    ]);
            },
            cancellationToken).ConfigureAwait(false);
        return enrolled!;
    }

    private Task<TransportKeyClient> EndAsync(
        Authority by, string kmsUri, string userUri, string clientId, EnrolmentState state, string reason, string correlationId,
        CancellationToken cancellationToken)
    {
        const int mostOfReason = 200;
        string why = reason.Length <= mostOfReason ? reason : reason[..mostOfReason];
        return ChangeAsync(
            kmsUri, userUri, clientId,
            (client, _) => client.State == state ? null : new TransportKeyStep(
                client with { State = state, StateChangedAt = time.GetStoreTime(), IsExportable = false, Pairs = [] },
                [TransportKeySteps.Entry(by, client, correlationId, $"{state.ToString().ToLowerInvariant()}: {why}")]),
            cancellationToken,
            mayBeRevoked: true);
    }

    private async Task<TransportKeyClient> ChangeAsync(
        string kmsUri, string userUri, string clientId,
        Func<TransportKeyClient, IReadOnlyList<TransportKeyClient>, TransportKeyStep?> decide,
        CancellationToken cancellationToken, bool mayBeRevoked = false)
    {
        TransportKeyClient? after = null;
        await DecideAsync(
            kmsUri,
            userUri,
            all =>
            {
                after = Of(all, clientId);
                if (after is null || (after.State != EnrolmentState.Enrolled && !mayBeRevoked))
                {
                    throw new KmsException(KmsError.ClientNotEnrolled);
                }

                TransportKeyStep? step = decide(after, all);
                after = step?.After ?? after;
                return step;
            },
            cancellationToken).ConfigureAwait(false);
        return after!;
    }

    private async Task DecideAsync(
        string kmsUri, string userUri, Func<IReadOnlyList<TransportKeyClient>, TransportKeyStep?> decide,
        CancellationToken cancellationToken)
    {
        if (IsDryRun)
        {
            decide(await store.FindTransportKeyClientsAsync(kmsUri, [userUri], cancellationToken).ConfigureAwait(false));
            return;
        }

        await store.ChangeTransportKeyClientAsync(kmsUri, userUri, decide, cancellationToken).ConfigureAwait(false);
    }

    private static TransportKeyClient Blank(TransportKeyEnrolment enrolment, int number, DateTimeOffset now) => new()
    {
        KmsUri = enrolment.KmsUri,
        UserUri = enrolment.UserUri,
        ClientId = enrolment.ClientId,
        State = EnrolmentState.Enrolled,
        StateChangedAt = now,
        WrapProfile = enrolment.WrapProfile,
        LastNumber = number,
    };

    private static void RequireFreeIds(TransportKeyPair pair, IReadOnlyList<TransportKeyClient> all)
    {
        bool IsTaken(string id) => all.Any(client => client.Pairs.Any(other => other.Has(id)));
        if (pair.TransportKeyId == pair.IntegrityKeyId || IsTaken(pair.TransportKeyId)
            || (pair.IntegrityKeyId is { } integrityKeyId && IsTaken(integrityKeyId)))
        {
            throw new KmsException(KmsError.TransportKeyIdTaken);
        }
    }

    private static TransportKeyFile OpenFile(
        SecretSealer sealer, TransportKeyClient client, TransportKeyPair pair, string kmsAddress)
    {
        (TransportKey transportKey, IntegrityKey? integrityKey) = TransportKeyVault.Open(sealer, client, pair);
        try
        {
            return new TransportKeyFile(
                client.KmsUri, kmsAddress, client.UserUri, client.ClientId, transportKey, integrityKey!, pair.CreatedAt);
        }
        catch (ArgumentException fault)
        {
            transportKey.Dispose();
            integrityKey?.Dispose();
            throw new KmsException(KmsError.EnrolmentMalformed, "the address or the KMS URI does not fit into a file", fault);
        }
    }

    private static TransportKeyClient? Of(IReadOnlyList<TransportKeyClient> all, string clientId) =>
        all.FirstOrDefault(client => string.Equals(client.ClientId, clientId, StringComparison.Ordinal));
}

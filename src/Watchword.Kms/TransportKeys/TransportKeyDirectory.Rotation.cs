using System.Runtime.CompilerServices;

namespace Watchword.Kms;

/// <summary>Whose keys are to be replaced.</summary>
/// <param name="CreatedBefore">Only of clients whose current keys are older; null for all.</param>
public sealed record RotationChoice(DateTimeOffset? CreatedBefore);

/// <summary>What a rotation of many clients has done, or would do.</summary>
/// <param name="Chosen">Clients whose keys are replaced.</param>
/// <param name="Waiting">Clients that have new keys on their way already.</param>
public sealed record RotationReach(long Chosen, long Waiting);

public sealed partial class TransportKeyDirectory
{
    private const int PageSize = 500;

    /// <summary>Clients whose keys are replaced together: the store commits them together.</summary>
    private const int AtOnce = 64;

    /// <summary>
    /// Makes new keys for a client. Every answer to it delivers them, wrapped under the transport key that it declares, until
    /// it is seen
    /// using them; so long the old ones stay good. While some are on their way, no others are made.
    /// </summary>
    /// <exception cref="KmsException"><see cref="KmsError.ClientNotEnrolled"/>.</exception>
    public async Task<TransportKeyClient> RotateAsync(
        Authority by, string kmsUri, string userUri, string clientId, string correlationId,
        CancellationToken cancellationToken = default)
    {
        SecretSealer sealer = await vault.OpenAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(
            kmsUri, userUri, clientId,
            (client, all) =>
            {
                if (client.Pending is not null)
                {
                    return null;
                }

                // Who never got the first keys could not read the second.
                if (client.IsExportable)
                {
                    throw new KmsException(KmsError.ClientNotEnrolled, "its first keys were not exported yet");
                }

                TransportKeyClient after = TransportKeySteps.WithPending(sealer, client, all, time.GetStoreTime());
                return new TransportKeyStep(
                    after,
                    [TransportKeySteps.Entry(by, client, correlationId, $"new keys: {TransportKeySteps.Name(after.Pending!)}")]);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes new keys for many clients of a domain. Interrupted, it is asked for again: who has new keys on their way
    /// keeps
    /// those.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="kmsUri">The security domain.</param>
    /// <param name="choice">Whose.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up between clients.</param>
    public async Task<RotationReach> RotateAllAsync(
        Authority by, string kmsUri, RotationChoice choice, string correlationId, CancellationToken cancellationToken = default)
    {
        long chosen = 0, waiting = 0;
        List<Task> running = [];
        await foreach (TransportKeyClient client in ReadAsync(kmsUri, cancellationToken).ConfigureAwait(false))
        {
            bool isChosen = IsChosen(client, choice);
            chosen += isChosen ? 1 : 0;
            waiting += client.Pending is not null ? 1 : 0;
            if (isChosen)
            {
                running.Add(TryRotateAsync(by, client, correlationId, cancellationToken));
            }

            if (running.Count == AtOnce)
            {
                await Task.WhenAll(running).ConfigureAwait(false);
                running.Clear();
            }
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        return new RotationReach(chosen, waiting);
    }

    /// <summary>Whom <see cref="RotateAllAsync"/> would concern.</summary>
    public async Task<RotationReach> MeasureRotationAsync(
        string kmsUri, RotationChoice choice, CancellationToken cancellationToken = default)
    {
        long chosen = 0, waiting = 0;
        await foreach (TransportKeyClient client in ReadAsync(kmsUri, cancellationToken).ConfigureAwait(false))
        {
            chosen += IsChosen(client, choice) ? 1 : 0;
            waiting += client.Pending is not null ? 1 : 0;
        }

        return new RotationReach(chosen, waiting);
    }

    /// <summary>All clients of a domain, revoked and released ones included, by identity and client id.</summary>
    public async IAsyncEnumerable<TransportKeyClient> ReadAsync(
        string kmsUri, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (string, string)? after = null;
        while (true)
        {
            IReadOnlyList<TransportKeyClient> page = await store.ReadTransportKeyClientsAsync(
                kmsUri, after, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (TransportKeyClient client in page)
            {
                yield return client;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            after = (page[^1].UserUri, page[^1].ClientId);
        }
    }

    private static bool IsChosen(TransportKeyClient client, RotationChoice choice) =>
        client is { State: EnrolmentState.Enrolled, IsExportable: false, Pending: null, Current: { } current }
        && (choice.CreatedBefore is not { } before || current.CreatedAt < before);

    private async Task TryRotateAsync(
        Authority by, TransportKeyClient client, string correlationId, CancellationToken cancellationToken)
    {
        try
        {
            await RotateAsync(by, client.KmsUri, client.UserUri, client.ClientId, correlationId, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KmsException fault) when (fault.Error == KmsError.ClientNotEnrolled)
        {
            // Withdrawn since the page was read.
        }
    }
}

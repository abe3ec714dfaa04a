using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Who asks, as far as transport keys are concerned. He has shown an access token, or a trusted peer vouches for him:
/// a signature
/// comes on top of that and never instead of it.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="Policy">Its rules.</param>
/// <param name="Issuer">Who vouches for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="Identities">Every identity of his, keyed or not.</param>
/// <param name="CorrelationId">Ties audit, log and answer together.</param>
public sealed record TransportKeyApplicant(
    string KmsUri, TransportKeyPolicy Policy, string Issuer, string Subject, IReadOnlyCollection<string> Identities,
    string CorrelationId);

/// <summary>
/// Decides whether a request may go without signature, verifies it if it is signed, and follows the rotation of keys. The steps
/// are
/// those of <c>docs/flows/transport-keys.md</c>, with the same numbers.
/// </summary>
public sealed class TransportKeyGate(IKmsStore store, TransportKeyVault vault, TimeProvider time)
{
    /// <summary>How much longer than its time window a signed request is remembered: the clocks of nodes differ.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(1);

    /// <summary>Verifies a signed request. Nothing is stored yet.</summary>
    /// <returns>The request, and the keys of the exchange, which the caller disposes: from here on the answer can be
    /// signed.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ClientIdMissing"/>, <see cref="KmsError.TransportKeyUnknown"/>,
    /// <see cref="KmsError.SignatureInvalid"/>.</exception>
    public async Task<(KmsRequest Request, TransportKeyExchange Exchange)> VerifyAsync(
        TransportKeyApplicant applicant, SignedKmsRequest document, CancellationToken cancellationToken = default)
    {
        if (document.ClaimedClientId is not { } clientId)
        {
            throw new KmsException(KmsError.ClientIdMissing);
        }

        // 3. The key that the signature names must be one of an identity of the token, and of the client that the request names.
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<TransportKeyClient> clients = await store.FindTransportKeyClientsAsync(
            applicant.KmsUri, applicant.Identities, cancellationToken).ConfigureAwait(false);
        var found = clients
            .Where(client => client.State == EnrolmentState.Enrolled
                && string.Equals(client.ClientId, clientId, StringComparison.Ordinal))
            .OrderByDescending(client => string.Equals(client.UserUri, document.ClaimedUserUri, StringComparison.Ordinal))
            .SelectMany(client => client.Pairs.Select(pair => (Client: client, Pair: pair)))
            .FirstOrDefault(one => one.Pair.Has(document.SignatureKeyName)
                && one.Pair.IsUsable(now, applicant.Policy.KeepReplaced));
        if (found.Client is null)
        {
            throw new KmsException(KmsError.TransportKeyUnknown);
        }

        // 4. The signature.
        SecretSealer sealer = await vault.OpenAsync(applicant.KmsUri, cancellationToken).ConfigureAwait(false);
        TransportKeyExchange exchange = new(sealer, found.Client, found.Pair, applicant.Policy.WrapProfile);
        if (exchange.Verify(document) is { } request)
        {
            return (request, exchange);
        }

        exchange.Dispose();
        throw new KmsException(KmsError.SignatureInvalid);
    }

    /// <summary>Takes a verified request whose content has been checked: once, and with the keys that it declares.</summary>
    /// <param name="applicant">Who asks.</param>
    /// <param name="exchange">The keys; gets what the answer delivers.</param>
    /// <param name="document">The request as it came.</param>
    /// <param name="request">The same, verified.</param>
    /// <param name="staleAt">From when it would be refused for its time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.TransportKeyNotHeld"/>, <see cref="KmsError.RequestReplayed"/>,
    /// <see cref="KmsError.TransportKeyUnknown"/> if its keys were withdrawn meanwhile.</exception>
    public async Task AcceptAsync(
        TransportKeyApplicant applicant, TransportKeyExchange exchange, SignedKmsRequest document, KmsRequest request,
        DateTimeOffset staleAt, CancellationToken cancellationToken = default)
    {
        SecretSealer sealer = await vault.OpenAsync(applicant.KmsUri, cancellationToken).ConfigureAwait(false);
        TransportKeyPair signing = exchange.Pair;
        Declare(applicant, exchange, request, sealer);

        // 6. Every signed request is taken once, on whatever node.
        if (!await store.TryAddAsync(
            applicant.KmsUri, document.SignatureKeyName, document.SignatureValue, staleAt + ClockMargin, cancellationToken)
            .ConfigureAwait(false))
        {
            throw new KmsException(KmsError.RequestReplayed);
        }

        // 7. Either key of a new pair in a signed request proves that the client has it.
        TransportKeyPair seen = signing.Number > exchange.Pair.Number ? signing : exchange.Pair;
        await FollowAsync(applicant, exchange, seen, sealer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Judges a request without signature.</summary>
    /// <param name="applicant">Who asks.</param>
    /// <param name="request">The request; null if it has no body.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The keys of the exchange, which the caller disposes; null if the client is not enrolled.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SignatureRequired"/>, <see cref="KmsError.TransportKeyUnknown"/> if the
    /// client is revoked, <see cref="KmsError.ClientAmbiguous"/>, <see cref="KmsError.TransportKeyNotHeld"/>.</exception>
    public async Task<TransportKeyExchange?> AdmitUnsignedAsync(
        TransportKeyApplicant applicant, KmsRequest? request, CancellationToken cancellationToken = default)
    {
        if (applicant.Policy.SignedRequests == SignedRequests.Required)
        {
            throw new KmsException(KmsError.SignatureRequired);
        }

        TransportKeyClient[] clients = [.. (await store.FindTransportKeyClientsAsync(
            applicant.KmsUri, applicant.Identities, cancellationToken).ConfigureAwait(false))
            .Where(client => client.State != EnrolmentState.Released)];
        if (clients.Length == 0)
        {
            return null;
        }

        // Whichever client it says it is, or none: whoever has but the token could say the same.
        if (applicant.Policy.SignedRequests == SignedRequests.RequiredForEnrolled)
        {
            throw new KmsException(KmsError.SignatureRequired);
        }

        if (Choose(clients, request) is not { } chosen)
        {
            return null;
        }

        SecretSealer sealer = await vault.OpenAsync(applicant.KmsUri, cancellationToken).ConfigureAwait(false);
        TransportKeyExchange exchange = new(sealer, chosen, chosen.Current!, applicant.Policy.WrapProfile);
        try
        {
            if (request is not null)
            {
                Declare(applicant, exchange, request, sealer);
            }

            // What it declares proves nothing: only a signature under a new pair ends a rotation.
            await FollowAsync(applicant, exchange, chosen.Current!, sealer, cancellationToken).ConfigureAwait(false);
            return exchange;
        }
        catch
        {
            exchange.Dispose();
            throw;
        }
    }

    /// <summary>The client of an unsigned request; null if it is none of those that are enrolled.</summary>
    private static TransportKeyClient? Choose(TransportKeyClient[] clients, KmsRequest? request)
    {
        TransportKeyClient[] meant = request?.ClientId is { } clientId
            ? [.. clients.Where(client => string.Equals(client.ClientId, clientId, StringComparison.Ordinal))]
            : [.. clients.Where(client => client.State == EnrolmentState.Enrolled)];
        if (meant.Length == 0)
        {
            return null;
        }

        if (meant.Length > 1 && request is not null)
        {
            // One client id under several identities: the key that it declares tells, else the identity.
            meant = [.. meant.Where(client => request.TransportKeyId is { } id
                ? client.Pairs.Any(pair => pair.Has(id))
                : string.Equals(client.UserUri, request.UserUri, StringComparison.Ordinal))];
        }

        return meant switch
        {
            [{ State: EnrolmentState.Enrolled } one] => one,
            [_] => throw new KmsException(KmsError.TransportKeyUnknown),
            _ => throw new KmsException(KmsError.ClientAmbiguous),
        };
    }

    /// <summary>5. The transport key that the request declares must be one of the client's; it wraps.</summary>
    private void Declare(TransportKeyApplicant applicant, TransportKeyExchange exchange, KmsRequest request, SecretSealer sealer)
    {
        if (request.TransportKeyId is not { } declared || exchange.Pair.TransportKeyId == declared)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        TransportKeyPair held = exchange.Client.Pairs.FirstOrDefault(
                pair => pair.TransportKeyId == declared && pair.IsUsable(now, applicant.Policy.KeepReplaced))
            ?? throw new KmsException(KmsError.TransportKeyNotHeld);
        exchange.WrapWith(sealer, held);
    }

    /// <summary>7, 8. What the request proves is written down before it is answered; then the answer gets the newest pair, if
    /// the client
    /// did not use it.</summary>
    private async Task FollowAsync(
        TransportKeyApplicant applicant, TransportKeyExchange exchange, TransportKeyPair seen, SecretSealer sealer,
        CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        TransportKeyClient client = exchange.Client;
        if (TransportKeySteps.NeedsStep(client, seen, applicant.Policy, now))
        {
            await store.ChangeTransportKeyClientAsync(
                client.KmsUri,
                client.UserUri,
                all =>
                {
                    client = all.Single(one => string.Equals(one.ClientId, exchange.ClientId, StringComparison.Ordinal));
                    TransportKeyStep? step = TransportKeySteps.Seen(sealer, client, seen, all, applicant, now);
                    client = step?.After ?? client;
                    return step;
                },
                cancellationToken).ConfigureAwait(false);
        }

        if (client.Pairs.MaxBy(pair => pair.Number) is { } newest && newest.Number > seen.Number
            && newest.Number != exchange.Pair.Number)
        {
            exchange.Deliver(sealer, newest);
        }
    }
}

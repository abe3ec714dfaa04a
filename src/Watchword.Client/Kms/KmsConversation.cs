using System.Runtime.ExceptionServices;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// One question to the KMS and its answer: signs the one, verifies the other, and changes the transport keys by it (TS 33.180
/// D.1, D.2.2,
/// D.3.1). One at a time for a store, because an answer may change what the next request is signed with.
/// </summary>
internal sealed class KmsConversation(KmsExchange exchange, Uri baseUrl, KmClientOptions options, TokenCache tokens, TimeProvider time)
{
    private readonly KeyStore _store = tokens.Store;

    /// <summary>Asks, and gives the checked answer to <paramref name="take"/>, which must not keep it.</summary>
    /// <exception cref="WatchwordClientException">Faults of block 52xx, of the transport and of the tokens.</exception>
    public async Task<T> AskAsync<T>(KmsQuestion question, Func<KmsAnswerCheck, T> take, CancellationToken cancellation)
    {
        using IDisposable turn = await _store.EnterExchangeAsync(cancellation);
        using TransportKeyRing? ring = _store.CheckOutTransportKeys();
        Uri url = new(baseUrl.AbsoluteUri.TrimEnd('/') + AnnexDPaths.Build(question.Target));
        (KmsAnswer answer, bool isProof) = await AskWithKeysAsync(question, url, ring, cancellation);
        using KmsResponse response = answer.Response;
        string? echo = (answer.IsSigned || !options.Lenient) && HasBody(ring) ? url.AbsoluteUri : null;
        KmsAnswerCheck check = new(answer, RequireIdentity(), _store.KmsUri ?? options.KmsUri ?? ring?.Holder.KmsUri, echo, ring);
        check.Envelope();
        if (answer.IsSigned)
        {
            check.Freshness(options.AnswerTimeSkew, time.GetUtcNow());
        }

        if (ring is not null)
        {
            TakeKeys(check, ring, isProof);
        }

        return take(check);
    }

    /// <summary>
    /// With the newest keys; where the KMS refuses them without a signature, it may have lost them before they were ever used:
    /// then once
    /// more with the proven ones.
    /// </summary>
    private async Task<(KmsAnswer Answer, bool IsProof)> AskWithKeysAsync(
        KmsQuestion question, Uri url, TransportKeyRing? ring, CancellationToken cancellation)
    {
        try
        {
            return (await PostAsync(question, url, ring, ring?.Newest, cancellation), true);
        }
        catch (WatchwordClientException e) when (ring?.Proven is not null && !e.IsSigned && e.HttpStatus is 400 or 401 or 403)
        {
            return (await AgainAsync(e, question, url, ring!, cancellation), false);
        }
    }

    private async Task<KmsAnswer> AgainAsync(
        WatchwordClientException first, KmsQuestion question, Uri url, TransportKeyRing ring, CancellationToken cancellation)
    {
        try
        {
            return await PostAsync(question, url, ring, ring.Proven, cancellation);
        }
        catch (WatchwordClientException)
        {
            // A KMS that has seen the new keys knows the old ones no more: what it said of the new ones is what counts.
            ExceptionDispatchInfo.Throw(first);
            throw;
        }
    }

    private async Task<KmsAnswer> PostAsync(
        KmsQuestion question, Uri url, TransportKeyRing? ring, TransportKeyPair? pair, CancellationToken cancellation)
    {
        AccessToken token = await tokens.GetAccessTokenAsync(question.Token, cancellation);
        try
        {
            return await exchange.PostAsync(url, token, () => CreateBody(question, url, ring, pair), ring, question.Attempts, cancellation);
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.KmsUnauthorized)
        {
            tokens.Drop(question.Token);
            throw;
        }
    }

    private void TakeKeys(KmsAnswerCheck check, TransportKeyRing ring, bool isProof)
    {
        if (ring.Proven is not null)
        {
            if (isProof)
            {
                _store.ProveTransportKeys();
            }
            else
            {
                _store.DropNewTransportKeys();
            }
        }

        using TransportKey? transportKey = check.NewTransportKey();
        using IntegrityKey? integrityKey = check.NewIntegrityKey();
        if (transportKey is not null || integrityKey is not null)
        {
            _ = _store.KeepNewTransportKeys(transportKey, integrityKey);
        }
    }

    // Before the first initialisation nobody has told the client the KMS URI: a body would have to guess it, so there is none (D.2.2).
    private bool HasBody(TransportKeyRing? ring) => ring is not null || (!options.SendEmptyBody && (_store.KmsUri ?? options.KmsUri) is not null);

    private byte[] CreateBody(KmsQuestion question, Uri url, TransportKeyRing? ring, TransportKeyPair? pair)
    {
        if (!HasBody(ring))
        {
            return [];
        }

        KmsRequest request = new()
        {
            UserUri = ring?.Holder.UserUri ?? question.UserUri,
            KmsUri = (_store.KmsUri ?? options.KmsUri ?? ring?.Holder.KmsUri)!,
            // Each attempt has its own time: a repeated signed request would be taken for a replay.
            Time = _store.TakeRequestTime(),
            ClientId = ring?.Holder.ClientId ?? options.ClientId,
            DeviceId = options.DeviceId,
            ClientReqUrl = url.AbsoluteUri,
            TransportKeyId = pair?.TransportKey.Id,
            SignatureId = pair?.SigningKey.Id,
            RedirectResponses = question.RedirectResponses,
            HeldCertificates = options.SendHeldCertificates ? _store.HeldCertificates() : [],
        };
        using MemoryStream stream = new();
        if (pair is null)
        {
            request.WriteTo(stream);
        }
        else
        {
            request.WriteSignedTo(stream, pair.SigningKey);
        }

        return stream.ToArray();
    }

    private ClientIdentity RequireIdentity() => _store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
}

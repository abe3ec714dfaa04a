using Watchword.Identity;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// The KM client (TS 33.180 5.3, Annex D): fetches the KMS certificate and the user's key sets, and stores only what it has
/// checked.
/// The steps are those of docs/flows/key-renewal.md.
/// </summary>
public sealed partial class KmClient : IDisposable
{
    private readonly KmClientOptions _options;
    private readonly KeyStore _store;
    private readonly HttpClient _http;
    private readonly KmsConversation _conversation;
    private readonly TimeProvider _time;

    /// <summary>Makes a client over its own connections.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
#pragma warning disable CA2000 // The HttpClient disposes the handler.
    public KmClient(KmClientOptions options, TlsTrust trust, TokenCache tokens, TimeProvider time)
        : this(
            options, options.HttpProxy is { } proxy ? trust.CreateHandler(proxy) : trust.CreateHandler(), tokens, time,
            disposeHandler: true)
#pragma warning restore CA2000
    {
    }

    /// <summary>Makes a client over a handler of <see cref="TlsTrust.CreateHandler()"/>, which the caller disposes.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
    /// <exception cref="ArgumentException">The options name an HTTP proxy: the handler would pass it by.</exception>
    public KmClient(KmClientOptions options, HttpMessageHandler handler, TokenCache tokens, TimeProvider time)
        : this(options, handler, tokens, time, disposeHandler: false)
    {
        if (options.HttpProxy is not null)
        {
            throw new ArgumentException("A handler that is given has its own connections, with or without a proxy.", nameof(options));
        }
    }

    private KmClient(KmClientOptions options, HttpMessageHandler handler, TokenCache tokens, TimeProvider time, bool disposeHandler)
    {
        Uri baseUrl = HttpsUrl.Require(options.KmsUrl, "KMS URL");
        if (baseUrl.Query.Length > 0)
        {
            throw new WatchwordClientException(ClientFault.UrlNotHttps, "a KMS URL has no query");
        }

        _options = options;
        _store = tokens.Store;
        _time = time;
        _http = new HttpClient(handler, disposeHandler) { Timeout = options.RequestTimeout };
        ClientAgent.Introduce(_http);
        _conversation = new KmsConversation(new KmsExchange(_http, options, time), baseUrl, options, tokens, time);
    }

    /// <summary>The profile.</summary>
    internal KeyStore Store => _store;

    /// <summary>
    /// KMS Initialize (D.2.3): fetches, checks and stores the Root certificate of the home KMS. The first one binds the profile
    /// to its
    /// KMS URI.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.KmsUriMismatch"/>, <see cref="ClientFault.KmsCertificateUnusable"/>, others of block 52xx, those of
    /// the tokens.
    /// </exception>
    public Task<KmsInitialization> InitializeAsync(CancellationToken cancellationToken = default) =>
        InitializeAsync(_options.MaxAttempts, cancellationToken);

    /// <summary>The same in one attempt, for who waits by himself.</summary>
    internal Task<KmsInitialization> InitializeOnceAsync(CancellationToken cancellation) => InitializeAsync(1, cancellation);

    private Task<KmsInitialization> InitializeAsync(int attempts, CancellationToken cancellation) =>
        AskAsync(new AnnexDTarget(AnnexDOperation.Init), null, attempts, TakeInitialization, cancellation);

    private KmsInitialization TakeInitialization(KmsAnswerCheck check)
    {
        KmsInit init = check.Message<KmsInit>();
        if (init.Certificate.Revoked)
        {
            _ = _store.TryRevokeRoot(init.Certificate);
        }

        KmsCertificate certificate = check.Initialization(_time.GetUtcNow());
        foreach (KmsCertificate next in init.NextCertificates)
        {
            if (next.Role != KmsCertificateRole.Root || !string.Equals(next.KmsUri, certificate.KmsUri, StringComparison.Ordinal))
            {
                throw check.Fault(ClientFault.KmsUriMismatch, "in the next KMS certificate");
            }

            if (next.Revoked)
            {
                _ = _store.TryRevokeRoot(next);
            }
        }

        bool changed = _store.KeepRootCertificate(certificate, [.. init.NextCertificates.Where(n => !n.Revoked)]);
        return new KmsInitialization(certificate, changed) { MigrationServices = init.MigrationServices };
    }

    /// <summary>
    /// KMS KeyProvision (D.2.4): fetches key sets, recomputes their UIDs, validates their keys and only then stores all of them;
    /// or none.
    /// Initialises first if the profile holds no usable certificate.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.IdentityNotOwned"/>, <see cref="ClientFault.IdentityMismatch"/>, <see cref="ClientFault.UserIdMismatch"/>,
    /// <see cref="ClientFault.KeySetInvalid"/>, others of block 52xx, those of the tokens.
    /// </exception>
    public async Task<IReadOnlyList<KeySetInfo>> ProvisionAsync(KeyProvisionRequest? request = null, CancellationToken cancellationToken = default)
    {
        request ??= new KeyProvisionRequest();
        if (request is { PeriodNumber: not null, Time: not null })
        {
            throw new ArgumentException("A period is given by its number or by a time in it.", nameof(request));
        }

        if (_store.RootCertificate?.IsUsableAt(_time.GetUtcNow()) != true)
        {
            _ = await InitializeAsync(cancellationToken);
        }

        DateTimeOffset? time = TimeWanted(request);
        List<KeySetInfo> received = [];
        foreach (string? userUri in IdentitiesWanted(request, time is not null))
        {
            received.AddRange(await ProvisionAsync(userUri, time, request.Service, _options.MaxAttempts, cancellationToken));
        }

        return received;
    }

    /// <summary>Key sets of one identity at one time, or now, in one attempt.</summary>
    internal Task<IReadOnlyList<KeySetInfo>> ProvisionOnceAsync(string userUri, DateTimeOffset? time, CancellationToken cancellation) =>
        ProvisionAsync(userUri, time, null, 1, cancellation);

    /// <summary>The identities whose key sets are renewed: those whose key management was granted.</summary>
    internal IReadOnlyList<string> RenewedIdentities() => KeyedIdentities();

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<IReadOnlyList<KeySetInfo>> ProvisionAsync(
        string? userUri, DateTimeOffset? time, McService? service, int attempts, CancellationToken cancellation)
    {
        AnnexDTarget target = new(AnnexDOperation.KeyProv, userUri, time is null ? null : NtpTimestamp.FromDateTimeOffset(time.Value));
        return AskAsync(target, service, attempts, check => TakeKeySets(check, userUri, time), cancellation, userUri);
    }

    private IReadOnlyList<KeySetInfo> TakeKeySets(KmsAnswerCheck check, string? userUri, DateTimeOffset? time)
    {
        IReadOnlyList<StoredKeySet> keySets = check.KeySets(userUri, time, Generations(time), _time.GetUtcNow());
        // A hint without identity is for all identities of the answer.
        List<PickUpHint> hints = [];
        foreach (KeyPickUp pickUp in check.Message<KmsKeyProv>().PickUps)
        {
            IEnumerable<string> identities = pickUp.UserUri is { } one ? [one] : keySets.Select(k => k.Info.UserUri);
            hints.AddRange(identities.Select(uri => new PickUpHint(uri, pickUp.NotBefore, pickUp.NotAfter)));
        }

        _store.KeepKeySets(keySets, hints);
        return [.. keySets.Select(k => k.Info)];
    }

    private Task<T> AskAsync<T>(
        AnnexDTarget target, McService? service, int attempts, Func<KmsAnswerCheck, T> take, CancellationToken cancellation,
        string? speaker = null, IReadOnlyList<KmsRedirectResponse>? redirectResponses = null)
    {
        AccessTokenTarget token = service is null
            ? AccessTokenTarget.For(McResource.KeyManagement)
            : AccessTokenTarget.For(service.Value, McResource.KeyManagement);
        KmsQuestion question = new(target, speaker ?? HomeIdentity(service), token, attempts) { RedirectResponses = redirectResponses ?? [] };
        return _conversation.AskAsync(question, take, cancellation);
    }

    /// <summary>The generations of the home domain, first the one that counts at the time asked for.</summary>
    private IReadOnlyList<StoredCertificate> Generations(DateTimeOffset? time)
    {
        StoredCertificate? likeliest = _store.RootAt(time ?? _time.GetUtcNow());
        IReadOnlyList<StoredCertificate> usable = [.. _store.Roots.Where(g => !g.Certificate.Revoked && g != likeliest)];
        return likeliest is not null ? [likeliest, .. usable]
            : usable.Count > 0 ? usable
            : throw new WatchwordClientException(ClientFault.KmsCertificateUnusable, "every generation is revoked");
    }

    private ClientIdentity RequireIdentity() => _store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);

    /// <summary>The identity that speaks: the first whose key management was granted.</summary>
    private string HomeIdentity(McService? service = null) =>
        KeyedIdentities(service) is [var first, ..] ? first : throw new WatchwordClientException(ClientFault.ScopeNotGranted, "no identity with a key management scope");

    private List<string> KeyedIdentities(McService? service = null)
    {
        ClientIdentity identity = RequireIdentity();
        if (identity.EntityUri is { } entity)
        {
            return [entity];
        }

        // A profile of a partner's domain has no log-in of its own: it is bound to what its first token was for. One that was logged out
        // fails when a token is wanted.
        IReadOnlySet<string>? granted = _store.Tokens?.GrantedScopes;
        return [.. AnnexB.Services
            .Where(s => (service is null || s == service) && granted?.Contains(McScopes.For(s, McResource.KeyManagement)) != false)
            .Select(identity.For).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private DateTimeOffset? TimeWanted(KeyProvisionRequest request)
    {
        if (request.PeriodNumber is not { } number)
        {
            return request.Time;
        }

        return _store.RootCertificate!.Schedule.TryFromNumber(number, out KeyPeriod period)
            ? period.Start
            : throw new ArgumentOutOfRangeException(nameof(request), "There is no key period with this number.");
    }

    // A time needs an identity in front of it in the path (D.2.4): without one, each identity is asked for.
    private List<string?> IdentitiesWanted(KeyProvisionRequest request, bool hasTime)
    {
        if (request.UserUri is { } userUri)
        {
            return RequireIdentity().Owns(userUri) ? [userUri] : throw new WatchwordClientException(ClientFault.IdentityNotOwned);
        }

        return hasTime ? [.. KeyedIdentities(request.Service)] : [null];
    }
}

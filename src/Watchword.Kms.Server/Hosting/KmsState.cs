using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The open domains of a running KMS: set once, when it starts; disposed with the container, which wipes the
/// secrets.</summary>
internal sealed class KmsState(TimeProvider time, ILogger<KmsState> log) : IDisposable
{
    private OpenedDomains? _opened;
    private TransportKeyVault? _vault;
    private IReadOnlyList<ServedDomain> _domains = [];
    private bool _anyAuthority;

    public IKmsStore Store => Opened.Store;

    public KmsInstallation Installation => Opened.Installation;

    /// <summary>The domains served.</summary>
    public IReadOnlyList<ServedDomain> Domains => _domains;

    /// <summary>False until the domains are open.</summary>
    public bool IsOpen => _opened is not null;

    /// <summary>Custody, for generations to come and for what is sealed.</summary>
    public EnvelopeCustody Custody => Opened.Custody;

    /// <summary>Seals what is made ahead; null if nothing is.</summary>
    public PreparedKeyVault? Prepared => Opened.Prepared;

    /// <summary>The acts on transport keys.</summary>
    public TransportKeyDirectory TransportKeys => new(Store, _vault ?? throw NotStarted(), time);

    /// <summary>The same, checking only.</summary>
    public TransportKeyDirectory TransportKeysForDryRun => new(Store, _vault ?? throw NotStarted(), time) { IsDryRun = true };

    /// <summary>Where requests pass the security extension.</summary>
    public TransportKeyGate Gate => field ??= new TransportKeyGate(Store, _vault ?? throw NotStarted(), time);

    private OpenedDomains Opened => _opened ?? throw NotStarted();

    /// <summary>Takes over the domains: what was opened ends with the container, also if the start is refused later on.</summary>
    /// <param name="opened">Store, custody and domains.</param>
    /// <param name="domains">The domains with their configuration.</param>
    /// <param name="anyAuthority">True if there is one domain only, which is served under whatever name the server is
    /// reached.</param>
    public void Open(OpenedDomains opened, IReadOnlyList<ServedDomain> domains, bool anyAuthority)
    {
        _domains = domains;
        _anyAuthority = anyAuthority;
        _vault = new TransportKeyVault(opened.Custody);
        _opened = opened;
    }

    /// <summary>The domain that scheme, host and port of a request choose; null if there is none.</summary>
    public ServedDomain? Find(HttpRequest request) =>
        _anyAuthority ? _domains[0] : _domains.FirstOrDefault(domain => domain.Urls.HasAuthorityOf(request));

    /// <summary>The same, with its generations as they are in the store.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>.</exception>
    public async ValueTask<ServedDomain> RequireAsync(HttpContext context)
    {
        ServedDomain domain = Find(context.Request) ?? throw new KmsException(KmsError.UnknownDomain);
        foreach (SecurityDomain changed in await Installation.RefreshAsync(context.RequestAborted))
        {
            log.DomainChanged(changed);
        }

        return domain;
    }

    public void Dispose()
    {
        _vault?.Dispose();
        _opened?.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The security domains are opened when the host starts.");
}

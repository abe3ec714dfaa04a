using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The open domains of a running KMS: set once, when it starts; disposed with the container, which wipes the
/// secrets.</summary>
internal sealed class KmsState(TimeProvider time, ILogger<KmsState> log) : IDisposable
{
    private KmsStore? _store;
    private EnvelopeCustody? _custody;
    private KmsInstallation? _installation;
    private TransportKeyVault? _vault;
    private IReadOnlyList<ServedDomain> _domains = [];
    private bool _anyAuthority;

    public IKmsStore Store => _store ?? throw NotStarted();

    public KmsInstallation Installation => _installation ?? throw NotStarted();

    /// <summary>The domains served.</summary>
    public IReadOnlyList<ServedDomain> Domains => _domains;

    /// <summary>False until the domains are open.</summary>
    public bool IsOpen => _installation is not null;

    /// <summary>Custody, for generations to come and for what is sealed.</summary>
    public EnvelopeCustody Custody => _custody ?? throw NotStarted();

    /// <summary>The acts on transport keys.</summary>
    public TransportKeyDirectory TransportKeys => new(Store, _vault ?? throw NotStarted(), time);

    /// <summary>Where requests pass the security extension.</summary>
    public TransportKeyGate Gate => field ??= new TransportKeyGate(Store, _vault ?? throw NotStarted(), time);

    /// <summary>Takes over the store.</summary>
    public void Own(KmsStore store) => _store = store;

    /// <summary>Takes over custody.</summary>
    public void Own(EnvelopeCustody custody)
    {
        _custody = custody;
        _vault = new TransportKeyVault(custody);
    }

    /// <summary>Takes over the domains.</summary>
    /// <param name="installation">The domains.</param>
    /// <param name="domains">The same with their configuration.</param>
    /// <param name="anyAuthority">True if there is one domain only, which is served under whatever name the server is
    /// reached.</param>
    public void Open(KmsInstallation installation, IReadOnlyList<ServedDomain> domains, bool anyAuthority)
    {
        _domains = domains;
        _anyAuthority = anyAuthority;
        _installation = installation;
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
        _installation?.Dispose();
        _vault?.Dispose();
        _custody?.Dispose();
        _store?.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The security domains are opened when the host starts.");
}

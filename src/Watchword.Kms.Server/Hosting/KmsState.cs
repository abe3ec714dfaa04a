using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The open domain of a running KMS: set once, when it starts; disposed with the container, which wipes the
/// secrets.</summary>
internal sealed class KmsState : IDisposable
{
    private KmsStore? _store;
    private SecurityDomain? _domain;
    private KeyIssuer? _issuer;

    public IKmsStore Store => _store ?? throw NotStarted();

    public KeyIssuer Issuer => _issuer ?? throw NotStarted();

    public DomainRecord Domain => _domain?.Record ?? throw NotStarted();

    /// <summary>False until the domain is open.</summary>
    public bool IsOpen => _issuer is not null;

    public void Open(KmsStore store, SecurityDomain domain, KeyIssuer issuer)
    {
        _store = store;
        _domain = domain;
        _issuer = issuer;
    }

    public void Dispose()
    {
        _domain?.Dispose();
        _store?.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The security domain is opened when the host starts.");
}

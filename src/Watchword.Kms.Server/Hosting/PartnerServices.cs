using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The engine's classes for partner domains over the store of this server; usable once it has started.</summary>
internal sealed class PartnerServices(KmsState state, KmsSettings settings, TimeProvider time)
{
    private readonly Lazy<PartnerCertificates> _certificates = new(() => new PartnerCertificates(state.Store, time));

    /// <summary>The certificates that clients get. One for the server: it keeps the lists that it has made.</summary>
    public PartnerCertificates Certificates => _certificates.Value;

    public PartnerDirectory Directory => new(state.Store, settings.Partners.Policy, time);

    /// <summary>The same, checking only.</summary>
    public PartnerDirectory DirectoryForDryRun => new(state.Store, settings.Partners.Policy, time) { IsDryRun = true };

    public DomainLookup Lookup => new(state.Store, Certificates, Grants);

    public RedirectReports Redirects => new(state.Store, Certificates, settings.Partners.Redirects, time);

    public MigrationGrants Grants => new(state.Store, time);
}

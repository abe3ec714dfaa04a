using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Configuration;
using Watchword.McServices.Xcap;

namespace Watchword.Client;

/// <summary>
/// The configuration management client of a UE (TS 24.484 6.3). Each document is asked for with the token of its own service; the
/// initial configuration, which comes before the log-in, without one.
/// </summary>
/// <param name="xcap">The configuration management server; the caller disposes it.</param>
public sealed class ConfigurationClient(XcapClient xcap)
{
    private const string ServiceDocumentName = "service-config.xml";

    /// <summary>Fetches the UE initial configuration (TS 24.484 7.2), without token.</summary>
    /// <param name="xui">In whose directory it is: before the log-in the instance ID of the UE.</param>
    /// <param name="ueId">The name of the document: the UE ID.</param>
    /// <param name="etag">The entity tag of the one that the caller has; null if he has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The document; null if it is the one that the caller has.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">Faults of block 55xx and of the transport.</exception>
    public async Task<ServiceDocument<UeInitialConfiguration>?> FetchInitialConfigurationAsync(
        string xui, string ueId, string? etag = null, CancellationToken cancellationToken = default)
    {
        XcapUri uri = new(DocumentSelector.OfUser(ApplicationUsage.UeInitialConfiguration.Auid, xui, ueId));
        XcapResource answer = await xcap.GetAsync(uri, token: null, etag, cancellationToken);
        return ServiceDocuments.Read(answer, document => UeInitialConfiguration.Parse(document));
    }

    /// <summary>Fetches the UE configuration of a service (TS 24.484 8.2, 9.2, 10.2).</summary>
    /// <param name="service">The service.</param>
    /// <param name="ueId">The UE ID.</param>
    /// <param name="etag">As above.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The document; null if it is the one that the caller has.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above, those of the tokens, <see cref="ClientFault.IdentityNotOwned"/>.</exception>
    public Task<ServiceDocument<UeConfiguration>?> FetchUeConfigurationAsync(
        McService service, string ueId, string? etag = null, CancellationToken cancellationToken = default) =>
        FetchAsync(
            service, OfUser(DocumentKind.UeConfiguration, service, ueId), etag,
            document => UeConfiguration.Parse(NamesOf(service), document), cancellationToken);

    /// <summary>Fetches a user profile (TS 24.484 8.3, 9.3, 10.3).</summary>
    /// <param name="service">The service.</param>
    /// <param name="index">The index of the profile, 0 to 255.</param>
    /// <param name="etag">As above.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The document; null if it is the one that the caller has.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not an index.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public Task<ServiceDocument<UserProfile>?> FetchUserProfileAsync(
        McService service, int index = 0, string? etag = null, CancellationToken cancellationToken = default) =>
        FetchAsync(
            service,
            OfUser(
                DocumentKind.UserProfile, service, ApplicationUsage.Of(DocumentKind.UserProfile, KindOf(service)).ProfileName(index)),
            etag, document => UserProfile.Parse(NamesOf(service), document), cancellationToken);

    /// <summary>Fetches the service configuration (TS 24.484 8.4, 9.4, 10.4).</summary>
    /// <param name="service">The service.</param>
    /// <param name="organization">The organization whose configuration it is; null for that of all.</param>
    /// <param name="etag">As above.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The document; null if it is the one that the caller has.</returns>
    /// <exception cref="ArgumentException">A value that cannot stand in a path.</exception>
    /// <exception cref="WatchwordClientException">As above.</exception>
    public Task<ServiceDocument<ServiceConfiguration>?> FetchServiceConfigurationAsync(
        McService service, string? organization = null, string? etag = null, CancellationToken cancellationToken = default)
    {
        string auid = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, KindOf(service)).Auid;
        DocumentSelector document = organization is null
            ? DocumentSelector.OfGlobal(auid, ServiceDocumentName)
            : DocumentSelector.OfGlobal(auid, organization, ServiceDocumentName);
        return FetchAsync(
            service, document, etag, content => ServiceConfiguration.Parse(NamesOf(service), content), cancellationToken);
    }

    /// <summary>
    /// The documents of a service that this client fetches, to subscribe to (TS 24.484 6.3.13): UE configuration, user profile, service
    /// configuration.
    /// </summary>
    /// <param name="service">The service.</param>
    /// <param name="ueId">The UE ID.</param>
    /// <param name="index">The index of the user profile, 0 to 255.</param>
    /// <exception cref="ArgumentException">A value that cannot stand in a path, or no index.</exception>
    /// <exception cref="WatchwordClientException">Nobody is logged in; <see cref="ClientFault.IdentityNotOwned"/>.</exception>
    public IReadOnlyList<DocumentSelector> DocumentsOf(McService service, string ueId, int index = 0) =>
    [
        OfUser(DocumentKind.UeConfiguration, service, ueId),
        OfUser(
            DocumentKind.UserProfile, service, ApplicationUsage.Of(DocumentKind.UserProfile, KindOf(service)).ProfileName(index)),
        DocumentSelector.OfGlobal(ApplicationUsage.Of(DocumentKind.ServiceConfiguration, KindOf(service)).Auid, ServiceDocumentName),
    ];

    private async Task<ServiceDocument<T>?> FetchAsync<T>(
        McService service, DocumentSelector document, string? etag, Func<ReadOnlyMemory<byte>, T> parse,
        CancellationToken cancellation)
        where T : class
    {
        AccessTokenTarget token = AccessTokenTarget.For(service, McResource.ConfigurationManagement);
        return ServiceDocuments.Read(await xcap.GetAsync(new XcapUri(document), token, etag, cancellation), parse);
    }

    // The user of XCAP is the MC service ID (TS 24.484 8).
    private DocumentSelector OfUser(DocumentKind kind, McService service, string name)
    {
        ClientIdentity identity = xcap.Tokens?.Store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        string xui = identity.For(service)
            ?? throw new WatchwordClientException(ClientFault.IdentityNotOwned, $"no identity in {service}");
        return DocumentSelector.OfUser(ApplicationUsage.Of(kind, KindOf(service)).Auid, xui, name);
    }

    private static McServiceKind KindOf(McService service) => (McServiceKind)(int)service;

    private static McServiceNames NamesOf(McService service) => McServiceNames.Of(KindOf(service));
}

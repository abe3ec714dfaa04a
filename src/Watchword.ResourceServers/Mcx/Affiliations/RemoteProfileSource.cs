using System.Security.Cryptography.X509Certificates;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Mcx.Configuration;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>
/// A configuration management server in another process: read as a network entity, by the identity that this server asserts on a
/// connection of its own certificate (TS 24.484 6.2.4.1, TS 24.482 A.2.1.3).
/// </summary>
internal sealed class RemoteProfileSource : IUserProfileSource, IDisposable
{
    /// <summary>XCAP has no list of a directory: without a selection these indices are looked at.</summary>
    private const int IndicesTried = 10;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(15);

    private readonly TlsTrust _trust;
    private readonly X509Certificate2 _certificate;
    private readonly AssertingHandler _handler;
    private readonly XcapClient _client;

    /// <param name="settings">Where it is and as whom it is asked.</param>
    /// <param name="time">The clock.</param>
    public RemoteProfileSource(McxProfileSettings settings, TimeProvider time)
    {
        _trust = settings.CaFile.Length > 0 ? TlsTrust.FromCaFile(settings.CaFile) : TlsTrust.OfOperatingSystem();
        _certificate = X509Certificate2.CreateFromPemFile(settings.CertificateFile, settings.KeyFile);
        SocketsHttpHandler connections = _trust.CreateHandler();
        connections.SslOptions.ClientCertificates = [_certificate];
        _handler = new AssertingHandler(settings.AssertedIdentity, connections);
        _client = new XcapClient(
            new XcapClientOptions { Root = settings.XcapRoot, RequestTimeout = RequestTimeout }, _handler, tokens: null, time);
    }

    /// <inheritdoc/>
    public async Task<UserProfile?> FindAsync(
        McServiceNames service, string serviceId, int? index, CancellationToken cancellationToken)
    {
        if (index is { } selected)
        {
            UserProfile? profile = selected is >= 0 and <= byte.MaxValue
                ? await ReadAsync(service, serviceId, selected, cancellationToken)
                : null;
            return profile is { IsEnabled: true } ? profile : null;
        }

        List<UserProfile> found = [];
        for (int i = 0; i < IndicesTried; i++)
        {
            if (await ReadAsync(service, serviceId, i, cancellationToken) is { } profile)
            {
                found.Add(profile);
            }
        }

        return ProfileSelection.PreSelected(found);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
        _certificate.Dispose();
        _trust.Dispose();
    }

    private async Task<UserProfile?> ReadAsync(
        McServiceNames service, string serviceId, int index, CancellationToken cancellationToken)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, service.Kind);
        try
        {
            XcapResource answer = await _client.GetAsync(
                new XcapUri(DocumentSelector.OfUser(usage.Auid, serviceId, usage.ProfileName(index))), token: null, etag: null, cancellationToken);
            return ProfileSelection.Read(service, serviceId, answer.Content);
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.ServiceDocumentNotFound)
        {
            return null;
        }
    }

    /// <summary>Says in each request who asks.</summary>
    private sealed class AssertingHandler(string identity, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _ = request.Headers.TryAddWithoutValidation(AssertedIdentityHeader.Name, $"\"{identity}\"");
            return base.SendAsync(request, cancellationToken);
        }
    }
}

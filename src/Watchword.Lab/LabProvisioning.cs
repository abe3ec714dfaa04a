using System.Net.Http.Headers;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;

namespace Watchword.Lab;

/// <summary>
/// The provisioning system of the lab: it writes configuration documents and groups as a network entity (TS 24.484 6.2.4, TS 24.482
/// A.2.1.3). What <see cref="WriteAsync"/> writes is all that <c>watchword ue up</c> of dispatcher finds.
/// </summary>
internal sealed class LabProvisioning : IDisposable
{
    /// <summary>The UE of dispatcher.</summary>
    public const string UeId = "urn:uuid:0d9a0c53-1c6e-4d43-9a53-6f6a2f5c7b10";

    /// <summary>A group of dispatcher and medic, for all three services.</summary>
    public const string Group = "sip:operations@" + LabDomain.IdentityDomain;

    /// <summary>The index of every user profile.</summary>
    public const int ProfileIndex = 1;

    private readonly LabPorts _ports;
    private readonly TlsTrust _trust;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;

    public LabProvisioning(LabServers servers, LabServices services)
    {
        _ports = servers.Ports;
        _trust = TlsTrust.FromCaFile(servers.CaFile);
        _handler = _trust.CreateHandler();
        _handler.SslOptions.ClientCertificates = [services.Provisioning];
        _http = new HttpClient(_handler, disposeHandler: false);
    }

    /// <summary>The initial configuration of every UE.</summary>
    public UeInitialConfiguration InitialConfiguration => new()
    {
        Domain = LabDomain.IdentityDomain,
        DefaultUserProfile = new DefaultUserProfile("sip:unknown@" + LabDomain.IdentityDomain, ProfileIndex),
        IdmsAuthEndpoint = _ports.IdmUrl + "/connect/authorize",
        IdmsTokenEndpoint = _ports.IdmUrl + "/connect/token",
        IdmClientId = LabDomain.ClientId,
        HttpProxy = _ports.ProxyUrl,
        Kms = _ports.KmsUrl,
        Cms = _ports.ServicesUrl,
        Gms = _ports.ServicesUrl,
        GmsUri = LabServices.GmsUri,
        CmsXcapRoot = _ports.ConfigurationRoot,
        GmsXcapRoot = _ports.GroupsRoot,
        ServerUris = McServiceNames.All.ToDictionary(names => names.Kind, LabServices.ServerUri),
    };

    /// <summary>Writes everything that a UE of dispatcher needs in each service, and the group.</summary>
    /// <exception cref="LabException">A document was refused.</exception>
    public async Task WriteAsync(LabDescription lab, CancellationToken cancellation)
    {
        LabUser dispatcher = lab.Users[LabDomain.Dispatcher];
        string[] identities = [dispatcher.McpttId!, dispatcher.McvideoId!, dispatcher.McdataId!];
        await RequireAsync(
            ApplicationUsage.UeInitialConfiguration, ApplicationUsage.UeInitialConfiguration.UserPath("default", "default"),
            InitialConfiguration.Write());
        foreach ((McServiceNames names, string user) in McServiceNames.All.Zip(identities))
        {
            ApplicationUsage ues = ApplicationUsage.Of(DocumentKind.UeConfiguration, names.Kind);
            ApplicationUsage profiles = ApplicationUsage.Of(DocumentKind.UserProfile, names.Kind);
            ApplicationUsage services = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, names.Kind);
            await RequireAsync(
                ues, ues.UserPath(user, UeId), new UeConfiguration { Service = names, Domain = LabDomain.IdentityDomain }.Write());
            await RequireAsync(
                profiles, profiles.UserPath(user, profiles.ProfileName(ProfileIndex)),
                new UserProfile { Service = names, XuiUri = user, Index = ProfileIndex, Groups = [new UserProfileGroup(Group)] }.Write());
            await RequireAsync(
                services, services.GlobalPath("service-config.xml"),
                new ServiceConfiguration { Service = names, Domain = LabDomain.IdentityDomain }.Write());
        }

        await RequireAsync(
            ApplicationUsage.Groups, ApplicationUsage.Groups.GlobalPath(ApplicationUsage.ByGroupId, Group),
            GroupOf([.. identities, lab.Users[LabDomain.Medic].McpttId!]).Write());

        async Task RequireAsync(ApplicationUsage usage, string path, byte[] content)
        {
            using HttpResponseMessage response = await PutAsync(usage, path, content, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new LabException($"a document of {usage.Auid} could not be provisioned: {(int)response.StatusCode}");
            }
        }
    }

    /// <summary>Writes an initial configuration for one UE alone, with another MCVideo server.</summary>
    /// <exception cref="LabException">It was refused.</exception>
    public async Task WriteInitialConfigurationAsync(string ueId, string mcvideoServer, CancellationToken cancellation)
    {
        ApplicationUsage usage = ApplicationUsage.UeInitialConfiguration;
        UeInitialConfiguration configuration = InitialConfiguration with
        {
            ServerUris = McServiceNames.All.ToDictionary(
                names => names.Kind, names => names == McServiceNames.McVideo ? mcvideoServer : LabServices.ServerUri(names)),
        };
        using HttpResponseMessage response = await PutAsync(usage, usage.UserPath(ueId, ueId), configuration.Write(), cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new LabException($"a document of {usage.Auid} could not be provisioned: {(int)response.StatusCode}");
        }
    }

    /// <summary>Writes one document; the caller disposes the answer.</summary>
    public async Task<HttpResponseMessage> PutAsync(
        ApplicationUsage usage, string path, byte[] content, CancellationToken cancellation)
    {
        string root = usage.Kind == DocumentKind.Group ? "/gms/" : "/cms/";
        using HttpRequestMessage request = new(HttpMethod.Put, _ports.ServicesEntitiesUrl + root + path);
        request.Headers.Add(AssertedIdentityHeader.Name, $"\"{LabServices.ProvisioningUri}\"");
        request.Content = new ByteArrayContent(content);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(usage.MediaType);
        return await _http.SendAsync(request, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
        _trust.Dispose();
    }

    private static GroupDocument GroupOf(string[] members) => new()
    {
        Uri = Group,
        Members = [.. members.Select(member => new GroupMember(member))],
        SupportedServices = [.. McServiceNames.All.Select(names => new GroupService(names.Icsi))],
    };
}

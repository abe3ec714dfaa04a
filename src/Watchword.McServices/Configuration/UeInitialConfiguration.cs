using System.Collections.Frozen;
using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>
/// The MCS UE initial configuration (TS 24.484 7.2): what a UE needs before it can log in. Its members are those that identity
/// management and the other servers need; what else the document holds is passed over.
/// </summary>
public sealed record UeInitialConfiguration
{
    private const string OnNetwork = "on-network";
    private const string Servers = "App-Server-Info";
    private const string Extension = "anyExt";
    private const string IdmClientIdElement = "Idm-Client-Id";
    private const string Details = "-Service-Details";
    private const string ServerUri = "Server-URI";

    private static readonly ApplicationUsage _usage = ApplicationUsage.UeInitialConfiguration;

    /// <summary>The domain of the MC system.</summary>
    public required string Domain { get; init; }

    /// <summary>The user or the instance ID in whose directory the document is; null where it does not say.</summary>
    public string? XuiUri { get; init; }

    /// <summary>The name of the document for people.</summary>
    public string? Name { get; init; }

    /// <summary>The instance IDs of the UEs that the document is for.</summary>
    public IReadOnlyList<string> InstanceIds { get; init; } = [];

    /// <summary>The profile of a user who has not logged in.</summary>
    public DefaultUserProfile? DefaultUserProfile { get; init; }

    /// <summary>Timers of floor participants in seconds.</summary>
    public OnNetworkTimers Timers { get; init; } = new();

    /// <summary>The home network and its connections; null where the document does not say.</summary>
    public HomeNetwork? HomeNetwork { get; init; }

    /// <summary>The authorization endpoint of the IdM server.</summary>
    public required string IdmsAuthEndpoint { get; init; }

    /// <summary>The token endpoint of the IdM server.</summary>
    public required string IdmsTokenEndpoint { get; init; }

    /// <summary>The client identifier at the IdM server (TS 24.482 6.2.1).</summary>
    public string? IdmClientId { get; init; }

    /// <summary>The HTTP proxy.</summary>
    public string? HttpProxy { get; init; }

    /// <summary>The group management server.</summary>
    public string? Gms { get; init; }

    /// <summary>The configuration management server.</summary>
    public string? Cms { get; init; }

    /// <summary>The key management server.</summary>
    public string? Kms { get; init; }

    /// <summary>Whether the UE authenticates to the HTTP proxy with a certificate or key of its own (TS 33.180 6.1.1).</summary>
    public bool MutualAuthentication { get; init; }

    /// <summary>The PSI at which a client subscribes to group documents (TS 24.481 6.3.13.2).</summary>
    public string? GmsUri { get; init; }

    /// <summary>The user in whose directory groups are made (TS 24.481 6.3.2.2).</summary>
    public string? GroupCreationXui { get; init; }

    /// <summary>The XCAP root of the group management server.</summary>
    public string? GmsXcapRoot { get; init; }

    /// <summary>The XCAP root of the configuration management server.</summary>
    public string? CmsXcapRoot { get; init; }

    /// <summary>
    /// Whether bodies are signed as long as no service configuration says otherwise. True where the document does not say.
    /// </summary>
    public bool IntegrityProtectionEnabled { get; init; } = true;

    /// <summary>
    /// Whether confidential elements are encrypted as long as no service configuration says otherwise. True where the document
    /// does not say.
    /// </summary>
    public bool ConfidentialityProtectionEnabled { get; init; } = true;

    /// <summary>The PSI of the participating function of each service that the domain offers (TS 24.484 7.2.2.1).</summary>
    public IReadOnlyDictionary<McServiceKind, string> ServerUris { get; init; } = FrozenDictionary<McServiceKind, string>.Empty;

    /// <summary>Reads a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without domain or endpoints of the IdM server, or a value of another form.
    /// </exception>
    public static UeInitialConfiguration Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, _usage.Root, [.. _usage.Namespaces]);
        XmlElement network = OpenElement.RequiredChild(root, OnNetwork);
        XmlElement servers = OpenElement.RequiredChild(network, Servers);
        return new UeInitialConfiguration
        {
            Domain = OpenElement.RequiredUriAttribute(root, "domain"),
            XuiUri = OpenElement.UriAttribute(root, "XUI-URI"),
            Name = OpenElement.ChildText(root, "name"),
            InstanceIds = UeIdentifiers.Read(root, "mcptt-UE-id"),
            DefaultUserProfile = DefaultUserProfile.Read(OpenElement.Child(root, "Default-user-profile")),
            Timers = OnNetworkTimers.Read(OpenElement.Child(network, "Timers")),
            HomeNetwork = HomeNetwork.Read(OpenElement.Child(network, "HPLMN")),
            IdmsAuthEndpoint = OpenElement.ChildUri(servers, "idms-auth-endpoint")
                ?? throw OpenElement.Missing("idms-auth-endpoint"),
            IdmsTokenEndpoint = OpenElement.ChildUri(servers, "idms-token-endpoint")
                ?? throw OpenElement.Missing("idms-token-endpoint"),
            IdmClientId = ReadIdmClientId(network, servers),
            HttpProxy = OpenElement.ChildUri(servers, "http-proxy"),
            Gms = OpenElement.ChildUri(servers, "gms"),
            Cms = OpenElement.ChildUri(servers, "cms"),
            Kms = OpenElement.ChildUri(servers, "kms"),
            MutualAuthentication = OpenElement.ChildBoolean(
                OpenElement.Child(servers, "tls-tunnel-auth-method"), "mutual-authentication") ?? false,
            GmsUri = OpenElement.ChildUri(network, "GMS-URI"),
            GroupCreationXui = OpenElement.ChildUri(network, "group-creation-XUI"),
            GmsXcapRoot = OpenElement.ChildUri(network, "GMS-XCAP-root-URI"),
            CmsXcapRoot = OpenElement.ChildUri(network, "CMS-XCAP-root-URI"),
            IntegrityProtectionEnabled = OpenElement.ChildBoolean(network, "integrity-protection-enabled") ?? true,
            ConfidentialityProtectionEnabled = OpenElement.ChildBoolean(network, "confidentiality-protection-enabled") ?? true,
            ServerUris = ReadServerUris(network),
        };
    }

    /// <summary>The document as UTF-8, elements in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(_usage.Root, _usage.Namespace);
        writer.Attribute("domain", Domain);
        writer.Attribute("XUI-URI", XuiUri);
        writer.Text("name", Name);
        UeIdentifiers.Write(writer, "mcptt-UE-id", InstanceIds);
        DefaultUserProfile?.Write(writer);
        writer.Element(OnNetwork, () => WriteOnNetwork(writer));
        return writer.Finish();
    }

    private void WriteOnNetwork(DocumentWriter writer)
    {
        Timers.Write(writer);
        HomeNetwork?.Write(writer);
        writer.Element(Servers, () => WriteServers(writer));
        writer.Text("GMS-URI", GmsUri);
        writer.Text("group-creation-XUI", GroupCreationXui);
        writer.Text("GMS-XCAP-root-URI", GmsXcapRoot);
        writer.Text("CMS-XCAP-root-URI", CmsXcapRoot);
        writer.Boolean("integrity-protection-enabled", IntegrityProtectionEnabled);
        writer.Boolean("confidentiality-protection-enabled", ConfidentialityProtectionEnabled);
        if (ServerUris.Count > 0)
        {
            writer.Element(Extension, () => WriteServerUris(writer));
        }
    }

    private void WriteServers(DocumentWriter writer)
    {
        writer.Text("idms-auth-endpoint", IdmsAuthEndpoint);
        writer.Text("idms-token-endpoint", IdmsTokenEndpoint);
        writer.Text("http-proxy", HttpProxy);
        writer.Text("gms", Gms);
        writer.Text("cms", Cms);
        writer.Text("kms", Kms);
        writer.Element("tls-tunnel-auth-method", () => writer.Boolean("mutual-authentication", MutualAuthentication));
        if (IdmClientId is not null)
        {
            writer.Element(Extension, () => writer.Text(IdmClientIdElement, IdmClientId));
        }
    }

    private void WriteServerUris(DocumentWriter writer)
    {
        foreach (McServiceNames service in McServiceNames.All.Where(service => ServerUris.ContainsKey(service.Kind)))
        {
            writer.Element(service.Name + Details, () =>
            {
                writer.Boolean("IPv6-Required", false);
                writer.Text(ServerUri, ServerUris[service.Kind]);
            });
        }
    }

    private static FrozenDictionary<McServiceKind, string> ReadServerUris(XmlElement network)
    {
        Dictionary<McServiceKind, string> uris = [];
        foreach (McServiceNames service in McServiceNames.All)
        {
            XmlElement? details = OpenElement.ExtendedChild(network, service.Name + Details);
            if (OpenElement.ChildUri(details, ServerUri) is { } uri)
            {
                uris.Add(service.Kind, uri);
            }
        }

        return uris.ToFrozenDictionary();
    }

    // It is an extension whose place is not known; wherever it stands, there must be one.
    private static string? ReadIdmClientId(XmlElement network, XmlElement servers)
    {
        XmlElement? extension = OpenElement.Child(network, Extension);
        IEnumerable<XmlElement> places = extension is null ? [] : extension.ChildNodes.OfType<XmlElement>()
            .Where(e => e.NamespaceURI == network.NamespaceURI && e.LocalName.EndsWith(Details, StringComparison.Ordinal));
        string[] found = [.. places.Append(servers).Append(network)
            .Select(place => OpenElement.Text(OpenElement.ExtendedChild(place, IdmClientIdElement)))
            .OfType<string>().Distinct(StringComparer.Ordinal)];
        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new McServicesFormatException(IdmClientIdElement, McServicesFormatFault.DuplicateElement);
    }
}

using System.Globalization;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;

namespace Watchword.McServices.Configuration;

/// <summary>
/// An XCAP application usage of mission-critical services: its documents, where they are and what they are called
/// (TS 24.484 7.2, 8.2 to 8.4, 9.2 to 9.4, 10.2 to 10.4; TS 24.481 7.2).
/// </summary>
public sealed class ApplicationUsage
{
    /// <summary>The directory of group documents in the global tree (TS 24.481 7.2.10.2).</summary>
    public const string ByGroupId = "byGroupID";

    private const string Xml = ".xml";
    private const string ServiceDocument = "service-config" + Xml;

    private ApplicationUsage(
        DocumentKind kind, McServiceNames? service, string auid, string mediaType, string root, string[] namespaces)
    {
        Kind = kind;
        Service = service;
        Auid = auid;
        MediaType = mediaType;
        Root = root;
        Namespaces = namespaces;
    }

    /// <summary>The MCS UE initial configuration, one for all services (TS 24.484 7.2).</summary>
    public static ApplicationUsage UeInitialConfiguration { get; } = new(DocumentKind.UeInitialConfiguration, null,
        "org.3gpp.mcptt.ue-init-config", "application/vnd.3gpp.mcptt-ue-init-config+xml", "mcptt-UE-initial-configuration",
        ["urn:3gpp:mcptt:mcpttUEinitConfig:1.0"]);

    /// <summary>Group documents, those of all services (TS 24.481 7.2).</summary>
    public static ApplicationUsage Groups { get; } = new(DocumentKind.Group, null,
        "org.openmobilealliance.groups", "application/vnd.oma.poc.groups+xml", "group", ["urn:oma:xml:poc:list-service"]);

    /// <summary>The configuration documents of TS 24.484, in the order of its clauses.</summary>
    public static IReadOnlyList<ApplicationUsage> Configurations { get; } =
    [
        UeInitialConfiguration,
        .. McServiceNames.All.SelectMany(service => (ApplicationUsage[])
            [UeConfigurationOf(service), UserProfileOf(service), ServiceConfigurationOf(service)]),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApplicationUsage> All { get; } = [.. Configurations, Groups];

    /// <summary>What its documents are about.</summary>
    public DocumentKind Kind { get; }

    /// <summary>The service; null where it is that of all.</summary>
    public McServiceNames? Service { get; }

    /// <summary>The application unique identifier (RFC 4825 §5.1).</summary>
    public string Auid { get; }

    /// <summary>The media type of its documents.</summary>
    public string MediaType { get; }

    /// <summary>The root element.</summary>
    public string Root { get; }

    /// <summary>The namespaces that a document may have. The first is the default namespace, the one that is written.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>The default namespace (RFC 4825 §5.2).</summary>
    public string Namespace => Namespaces[0];

    /// <summary>The trees that documents are in.</summary>
    public IReadOnlyList<DocumentTree> Trees => Kind switch
    {
        DocumentKind.ServiceConfiguration => [DocumentTree.Global],
        DocumentKind.Group => [DocumentTree.Users, DocumentTree.Global],
        _ => [DocumentTree.Users],
    };

    /// <summary>
    /// Whether a UE needs a token for it. The initial configuration says where tokens come from, so it needs none.
    /// </summary>
    public bool NeedsToken => Kind != DocumentKind.UeInitialConfiguration;

    /// <summary>The usage with that AUID; null if there is none. Upper and lower case differ.</summary>
    public static ApplicationUsage? OfAuid(string auid) => All.FirstOrDefault(usage => usage.Auid == auid);

    /// <summary>The usage of a kind of document of a service.</summary>
    public static ApplicationUsage Of(DocumentKind kind, McServiceKind service) =>
        All.Single(usage => usage.Kind == kind && (usage.Service is null || usage.Service.Kind == service));

    /// <summary>The name of the document of a user profile (TS 24.484 8.3.2.8).</summary>
    /// <param name="index">The index of the profile, 0 to 255.</param>
    /// <exception cref="InvalidOperationException">The usage has no user profiles.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not an index.</exception>
    public string ProfileName(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, byte.MaxValue);
        return Kind == DocumentKind.UserProfile
            ? string.Create(CultureInfo.InvariantCulture, $"{ProfilePrefix}{index}{Xml}")
            : throw new InvalidOperationException($"{Auid} has no user profiles.");
    }

    /// <summary>The index that the name of a user profile has; null if it is no such name.</summary>
    public int? ProfileIndex(string documentName)
    {
        if (Kind != DocumentKind.UserProfile || !documentName.StartsWith(ProfilePrefix, StringComparison.Ordinal)
            || !documentName.EndsWith(Xml, StringComparison.Ordinal) || documentName.Length <= ProfilePrefix.Length + Xml.Length)
        {
            return null;
        }

        string digits = documentName[ProfilePrefix.Length..^Xml.Length];
        return byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out byte index)
            && index.ToString(CultureInfo.InvariantCulture) == digits ? index : null;
    }

    /// <summary>
    /// Checks where a document is said to be, and brings a name that deployed clients use into the one name that it has here.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="path">The segments below the user's directory, or below <c>global</c>, without percent-encoding.</param>
    /// <returns>The segments under which the document is kept; null if this usage has no document there.</returns>
    public IReadOnlyList<string>? NormalizePath(DocumentTree tree, params IReadOnlyList<string> path)
    {
        if (!Trees.Contains(tree) || path.Count == 0 || !path.All(DocumentSelector.IsSegment))
        {
            return null;
        }

        string name = path[^1];
        return Kind switch
        {
            // The organization, if any, is a directory (TS 24.484 8.4.2.9).
            DocumentKind.ServiceConfiguration => path.Count <= 2
                && (name == ServiceDocument || name == $"{Service!.Prefix}-{ServiceDocument}")
                ? [.. path.Take(path.Count - 1), ServiceDocument]
                : null,
            DocumentKind.UserProfile => path.Count == 1 && ProfileIndex(name) is not null ? path : null,
            DocumentKind.Group when tree == DocumentTree.Global => path.Count == 2 && path[0] == ByGroupId ? path : null,
            _ => path.Count == 1 ? path : null,
        };
    }

    /// <summary>
    /// The document selector in the directory of a user, relative to the XCAP root, percent-encoded (RFC 4825 §6.2).
    /// </summary>
    /// <param name="xui">The user: an MC service ID, or the instance ID of a UE before log-in.</param>
    /// <param name="documentName">The name of the document.</param>
    /// <exception cref="ArgumentException">The usage has no such document, or the user cannot stand in a path.</exception>
    public string UserPath(string xui, string documentName) =>
        NormalizePath(DocumentTree.Users, documentName) is { } path
            ? DocumentSelector.OfUser(Auid, xui, path).ToString()
            : throw new ArgumentException($"{Auid} has no such document of a user.", nameof(documentName));

    /// <summary>The document selector in the global tree, relative to the XCAP root, percent-encoded (RFC 4825 §6.2).</summary>
    /// <param name="path">The segments below <c>global</c>, such as <c>byGroupID</c> and the group.</param>
    /// <exception cref="ArgumentException">The usage has no such document.</exception>
    public string GlobalPath(params IReadOnlyList<string> path) => NormalizePath(DocumentTree.Global, path) is { } normal
        ? DocumentSelector.OfGlobal(Auid, normal).ToString()
        : throw new ArgumentException($"{Auid} has no such global document.", nameof(path));

    /// <summary>The AUID.</summary>
    public override string ToString() => Auid;

    /// <summary>The namespace of a document: that of its root where this usage knows it, else the usual one.</summary>
    internal string NamespaceOf(string root) => Namespaces.Contains(root) ? root : Namespace;

    private string ProfilePrefix => $"{Service!.Prefix}-user-profile-";

    private static ApplicationUsage UeConfigurationOf(McServiceNames service) => Configured(
        DocumentKind.UeConfiguration, service, "ue-config", service.Prefix + "-UE-configuration",
        $"urn:3gpp:{service.Prefix}:{service.Prefix}UEConfig:1.0");

    // The copies of the schemas that are known differ in the namespace; both are read.
    private static ApplicationUsage UserProfileOf(McServiceNames service)
    {
        string plain = $"urn:3gpp:{service.Prefix}:user-profile:1.0", ns = $"urn:3gpp:ns:{service.Prefix}:user-profile:1.0";
        return Configured(DocumentKind.UserProfile, service, "user-profile", service.Prefix + "-user-profile",
            service.Kind == McServiceKind.McVideo ? [ns, plain] : [plain, ns]);
    }

    private static ApplicationUsage ServiceConfigurationOf(McServiceNames service) => Configured(
        DocumentKind.ServiceConfiguration, service, "service-config", "service-configuration-info",
        $"urn:3gpp:ns:{service.Prefix}ServiceConfig:1.0");

    private static ApplicationUsage Configured(
        DocumentKind kind, McServiceNames service, string name, string root, params string[] namespaces) => new(
            kind, service, $"org.3gpp.{service.Prefix}.{name}", $"application/vnd.3gpp.{service.Prefix}-{name}+xml",
                root, namespaces);
}

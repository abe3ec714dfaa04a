using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>The priority of a group on a UE.</summary>
/// <param name="GroupUri">The group.</param>
/// <param name="Priority">Its priority; a larger number comes first.</param>
public sealed record GroupPriority(string GroupUri, int Priority);

/// <summary>
/// The UE configuration (TS 24.484 8.2, 9.2, 10.2): how much a UE does at once. The names of MCData's limits are not known, so a
/// document of MCData has none of them.
/// </summary>
public sealed record UeConfiguration
{
    private const string Common = "common";
    private const string OnNetwork = "on-network";
    private const string Ipv6PreferredElement = "IPv6Preferred";
    private const string RelayServiceElement = "Relay-Service";
    private const string Hierarchy = "group-priority-hierarchy";

    /// <summary>The service.</summary>
    public required McServiceNames Service { get; init; }

    /// <summary>The domain of the MC system.</summary>
    public required string Domain { get; init; }

    /// <summary>The user in whose directory the document is; null where it does not say.</summary>
    public string? XuiUri { get; init; }

    /// <summary>The name of the document for people.</summary>
    public string? Name { get; init; }

    /// <summary>The instance IDs of the UEs that the document is for.</summary>
    public IReadOnlyList<string> InstanceIds { get; init; } = [];

    /// <summary>Private calls at once (N10), 1 or more; null where the document does not say.</summary>
    public int? MaxPrivateCalls { get; init; }

    /// <summary>Group calls at once (N4), 1 or more; null where the document does not say.</summary>
    public int? MaxGroupCalls { get; init; }

    /// <summary>
    /// Transmissions heard or seen at once in a group call (N5), 1 or more; null where the document does not say.
    /// </summary>
    public int? MaxTransmissions { get; init; }

    /// <summary>The priorities of groups.</summary>
    public IReadOnlyList<GroupPriority> GroupPriorities { get; init; } = [];

    /// <summary>Whether IPv6 comes before IPv4.</summary>
    public bool Ipv6Preferred { get; init; }

    /// <summary>Whether the UE may be a relay for others.</summary>
    public bool RelayService { get; init; }

    /// <summary>Reads a document.</summary>
    /// <param name="service">The service whose document it must be.</param>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without domain, or a value of another form.
    /// </exception>
    public static UeConfiguration Parse(McServiceNames service, ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UeConfiguration, service.Kind);
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, usage.Root, [.. usage.Namespaces]);
        XmlElement? common = OpenElement.Child(root, Common);
        XmlElement? network = OpenElement.Child(root, OnNetwork);
        UeConfigurationNames names = new(service);
        XmlElement? privateCalls = Child(common, names.PrivateCall), groupCalls = Child(common, names.GroupCall);
        XmlElement? prioritized = Child(groupCalls, names.Prioritized);
        return new UeConfiguration
        {
            Service = service,
            Domain = OpenElement.RequiredUriAttribute(root, "domain"),
            XuiUri = OpenElement.UriAttribute(root, "XUI-URI"),
            Name = OpenElement.ChildText(root, "name"),
            InstanceIds = UeIdentifiers.Read(root, service.Prefix + "-UE-id"),
            MaxPrivateCalls = OpenElement.ChildNumber(privateCalls, names.MaxPrivateCalls),
            MaxGroupCalls = OpenElement.ChildNumber(groupCalls, names.MaxGroupCalls),
            MaxTransmissions = OpenElement.ChildNumber(groupCalls, names.MaxTransmissions),
            GroupPriorities = prioritized is null ? []
                : [.. OpenElement.Children(prioritized, names.Priority).Select(element => ReadPriority(element, names))],
            Ipv6Preferred = OpenElement.ChildBoolean(network, Ipv6PreferredElement) ?? false,
            RelayService = OpenElement.ChildBoolean(network, RelayServiceElement) ?? false,
        };
    }

    /// <summary>The document as UTF-8, elements in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not, or limits of MCData.</exception>
    public byte[] Write()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UeConfiguration, Service.Kind);
        UeConfigurationNames names = new(Service);
        bool hasLimits = (MaxPrivateCalls ?? MaxGroupCalls ?? MaxTransmissions) is not null || GroupPriorities.Count > 0;
        if (hasLimits && Service.Kind == McServiceKind.McData)
        {
            throw new ArgumentException("The UE configuration of MCData has no limits.");
        }

        using DocumentWriter writer = new(usage.Root, usage.Namespace);
        writer.Attribute("domain", Domain);
        writer.Attribute("XUI-URI", XuiUri);
        UeIdentifiers.Write(writer, Service.Prefix + "-UE-id", InstanceIds);
        writer.Text("name", Name);
        writer.Element(Common, () => WriteCommon(writer, names));
        writer.Element(OnNetwork, () =>
        {
            writer.Boolean(Ipv6PreferredElement, Ipv6Preferred);
            writer.Boolean(RelayServiceElement, RelayService);
        });
        return writer.Finish();
    }

    private void WriteCommon(DocumentWriter writer, UeConfigurationNames names)
    {
        if (MaxPrivateCalls is { } calls)
        {
            writer.Element(names.PrivateCall, () => writer.Number(names.MaxPrivateCalls, calls));
        }

        if ((MaxGroupCalls ?? MaxTransmissions) is null && GroupPriorities.Count == 0)
        {
            return;
        }

        writer.Element(names.GroupCall, () =>
        {
            writer.Number(names.MaxGroupCalls, MaxGroupCalls);
            writer.Number(names.MaxTransmissions, MaxTransmissions);
            if (GroupPriorities.Count > 0)
            {
                writer.Element(names.Prioritized, () => WritePriorities(writer, names));
            }
        });
    }

    private void WritePriorities(DocumentWriter writer, UeConfigurationNames names)
    {
        foreach (GroupPriority group in GroupPriorities)
        {
            writer.Element(names.Priority, () =>
            {
                writer.Text(names.GroupId, group.GroupUri);
                writer.Number(Hierarchy, group.Priority);
            });
        }
    }

    private static GroupPriority ReadPriority(XmlElement element, UeConfigurationNames names) => new(
        OpenElement.ChildUri(element, names.GroupId) ?? throw OpenElement.Missing(names.GroupId),
        OpenElement.ChildNumber(element, Hierarchy) ?? throw OpenElement.Missing(Hierarchy));

    private static XmlElement? Child(XmlElement? parent, string name) => parent is null ? null : OpenElement.Child(parent, name);

    // MCPTT and MCVideo say the same in other words (TS 24.484 8.2.2.3 and 9.2.2.3).
    private sealed class UeConfigurationNames(McServiceNames service)
    {
        private readonly string _name = service.Kind == McServiceKind.Mcptt ? "MCPTT" : "MCVIDEO";

        public string PrivateCall => service.Kind == McServiceKind.Mcptt ? "private-call" : "MCVIDEO-Private-Call";

        public string GroupCall => service.Kind == McServiceKind.Mcptt ? "MCPTT-Group-Call" : "MCVIDEO-Group-Call";

        public string MaxPrivateCalls => "Max-Simul-Call-" + Count + "10";

        public string MaxGroupCalls => "Max-Simul-Call-" + Count + "4";

        public string MaxTransmissions => "Max-Simul-Trans-" + Count + "5";

        public string Prioritized => $"Prioritized-{_name}-Group";

        public string Priority => $"{_name}-Group-Priority";

        public string GroupId => $"{_name}-Group-ID";

        private string Count => service.Kind == McServiceKind.Mcptt ? "N" : "Nc";
    }
}

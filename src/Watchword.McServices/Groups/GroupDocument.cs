using System.Xml;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>
/// A group document (TS 24.481 7.2; OMA XDM Group): the group, its members, the services it is for, how it is protected and who
/// may do what with it. Elements without a property are kept.
/// </summary>
public sealed record GroupDocument
{
    private const string ListServiceElement = "list-service";
    private const string List = "list";
    private const string Entry = "entry";
    private const string Display = "display-name";

    private static readonly ApplicationUsage _usage = ApplicationUsage.Groups;

    private static readonly XmlQualifiedName[] _known =
    [
        GroupNamespaces.List(Display), GroupNamespaces.List(List), GroupNamespaces.List("max-participant-count"),
        new("supported-services", GroupNamespaces.XdmExtensions), new("supported-services", GroupNamespaces.XdmGroup),
        new("ruleset", GroupNamespaces.CommonPolicy), new(Extensions.Administrators, Extensions.Namespace),
        GroupNamespaces.Info("on-network-invite-members"), GroupNamespaces.Info("on-network-max-participant-count"),
        GroupNamespaces.Info("on-network-group-priority"), GroupNamespaces.Info("on-network-disabled"),
        GroupNamespaces.Info("owner"), .. GroupProtection.Names,
    ];

    /// <summary>The identity of the group.</summary>
    public required string Uri { get; init; }

    /// <summary>Its name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The members; null where the document has no list, which is not the same as a list of nobody.</summary>
    public IReadOnlyList<GroupMember>? Members { get; init; }

    /// <summary>The services that it is for.</summary>
    public IReadOnlyList<GroupService> SupportedServices { get; init; } = [];

    /// <summary>How media and control of each service are protected.</summary>
    public GroupProtection Protection { get; init; } = new();

    /// <summary>
    /// Whether the server invites the members (prearranged) or they join (chat); null where the document does not say.
    /// </summary>
    public bool? InviteMembers { get; init; }

    /// <summary>How many may take part in a session; null where there is no bound.</summary>
    public int? MaxParticipantCount { get; init; }

    /// <summary>The priority of the group, 0 to 255; null where the document does not say.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether the group is switched off on the network.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Who owns the group (<c>owner</c>, TS 24.481 7.2.4.2); null where the document does not say.</summary>
    public string? Owner { get; init; }

    /// <summary>Who may change it besides the owner, MC service IDs: an extension of this project.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>Who may do what, in the order of the document (RFC 4745).</summary>
    public IReadOnlyList<GroupRule> Rules { get; init; } = [];

    /// <summary>Elements of the group without a property.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    /// <summary>Elements beside the group.</summary>
    public IReadOnlyList<ForeignElement> OtherElements { get; init; } = [];

    /// <summary>Reads a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without group, a member twice, or a value of another form.
    /// </exception>
    public static GroupDocument Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, _usage.Root, [.. _usage.Namespaces]);
        XmlElement group = OpenElement.RequiredChild(root, ListServiceElement);
        XmlElement? list = OpenElement.Child(group, List);
        return new GroupDocument
        {
            Uri = OpenElement.RequiredUriAttribute(group, "uri"),
            DisplayName = OpenElement.ChildText(group, Display),
            Members = list is null ? null : ReadMembers(list),
            SupportedServices = GroupService.Read(group),
            Protection = GroupProtection.Read(group),
            InviteMembers = OpenElement.Boolean(Info(group, "on-network-invite-members")),
            // OMA's element of old, which deployed servers write, is second to 3GPP's.
            MaxParticipantCount = OpenElement.Number(Info(group, "on-network-max-participant-count"), int.MaxValue)
                ?? OpenElement.ChildNumber(group, "max-participant-count"),
            Priority = OpenElement.Number(Info(group, "on-network-group-priority"), byte.MaxValue),
            IsDisabled = Info(group, "on-network-disabled") is not null,
            Owner = OpenElement.Uri(Info(group, "owner")),
            Administrators = ReadAdministrators(group),
            Rules = GroupRule.Read(group),
            Others = OpenElement.Others(group, _known),
            OtherElements = OpenElement.Others(root, GroupNamespaces.List(ListServiceElement)),
        };
    }

    /// <summary>
    /// The document without its member list, everything else as it is (TS 24.481 6.3.16 and 7.2.12.1): for those who may not read
    /// who is in the group. What rules say of single users goes too.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">Not XML, past a limit, another document, or without group.</exception>
    public static byte[] WithoutMembers(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, _usage.Root, [.. _usage.Namespaces]);
        foreach (XmlElement group in OpenElement.Children(root, ListServiceElement))
        {
            XmlElement[] naming =
            [
                .. OpenElement.Children(group, List),
                .. OpenElement.Children(group, Extensions.Administrators, Extensions.Namespace),
                .. group.GetElementsByTagName("identity", GroupNamespaces.CommonPolicy).OfType<XmlElement>()
                    .Select(GroupRule.Owner).OfType<XmlElement>().Distinct(),
            ];
            foreach (XmlElement element in naming)
            {
                element.ParentNode?.RemoveChild(element);
            }
        }

        return BoundedXml.Write(root.OwnerDocument);
    }

    /// <summary>The member with that MC service ID in any service; null if there is none.</summary>
    public GroupMember? MemberOf(string identity) => Members?.FirstOrDefault(member => member.Identities.Contains(identity));

    /// <summary>
    /// Whether the group is for that service. A document that names no service is for MCPTT, for which groups were first.
    /// </summary>
    public bool Supports(McServiceNames service) => SupportedServices.Count == 0
        ? service.Kind == McServiceKind.Mcptt
        : SupportedServices.Any(supported => McServiceNames.OfIcsi(supported.Enabler) == service);

    /// <summary>Whether somebody may change the group: its owner and its administrators.</summary>
    public bool MayAdminister(string identity) => Owner == identity || Administrators.Contains(identity);

    /// <summary>
    /// Whether somebody may read the member list (TS 24.481 7.2.12.1): the owner, the administrators, and those to whom a rule
    /// says so; nobody else.
    /// </summary>
    public bool MayReadMembers(string identity)
    {
        bool isMember = MemberOf(identity) is not null;
        return MayAdminister(identity)
            || Rules.Any(rule => rule.AllowGettingMemberList == true && rule.AppliesTo(identity, isMember));
    }

    /// <summary>The document as UTF-8, elements in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(_usage.Root, _usage.Namespace, ("rl", GroupNamespaces.ResourceLists),
            ("cp", GroupNamespaces.CommonPolicy), ("oxe", GroupNamespaces.XdmExtensions), ("mcpttgi", GroupNamespaces.GroupInfo));
        writer.Element(ListServiceElement, () => WriteGroup(writer));
        writer.Foreign(OtherElements);
        return writer.Finish();
    }

    private void WriteGroup(DocumentWriter writer)
    {
        writer.Attribute("uri", Uri);
        writer.Text(Display, DisplayName);
        if (Members is not null)
        {
            writer.Element(List, () =>
            {
                foreach (GroupMember member in Members)
                {
                    writer.Element(Entry, () => member.Write(writer));
                }
            });
        }

        GroupService.Write(writer, SupportedServices);
        GroupRule.Write(writer, Rules);
        writer.Boolean("on-network-invite-members", InviteMembers, GroupNamespaces.GroupInfo);
        writer.Number("on-network-max-participant-count", MaxParticipantCount, GroupNamespaces.GroupInfo);
        Protection.Write(writer, this);
        writer.Number("on-network-group-priority", Priority, GroupNamespaces.GroupInfo);
        writer.Empty("on-network-disabled", IsDisabled, GroupNamespaces.GroupInfo);
        writer.Text("owner", Owner, GroupNamespaces.GroupInfo);
        writer.Foreign(Others);
        if (Administrators.Count > 0)
        {
            writer.Element(Extensions.Administrators, () =>
            {
                foreach (string administrator in Administrators)
                {
                    writer.Text(Entry, administrator, Extensions.Namespace);
                }
            }, Extensions.Namespace);
        }
    }

    private static List<GroupMember> ReadMembers(XmlElement list)
    {
        List<GroupMember> members = [.. OpenElement.Children(list, Entry).Select(GroupMember.Read)];
        HashSet<string> seen = new(StringComparer.Ordinal);
        return members.TrueForAll(member => seen.Add(member.Uri))
            ? members
            : throw new McServicesFormatException(Entry, McServicesFormatFault.DuplicateElement);
    }

    private static IReadOnlyList<string> ReadAdministrators(XmlElement group)
    {
        XmlElement? element = OpenElement.Child(group, Extensions.Administrators, Extensions.Namespace);
        return element is null ? []
            : [.. OpenElement.Children(element, Entry)
                .Select(entry => OpenElement.Uri(entry) ?? throw OpenElement.Missing(Entry))];
    }

    private static XmlElement? Info(XmlElement group, string name) => OpenElement.Child(group, name, GroupNamespaces.GroupInfo);
}

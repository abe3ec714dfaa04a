using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>A member of a group (TS 24.481 7.2.2, <c>entry</c>).</summary>
/// <param name="Uri">The MC service ID: that of MCPTT, and of every service for which no other is given.</param>
/// <param name="DisplayName">The name for people; null if it has none.</param>
public sealed record GroupMember(string Uri, string? DisplayName = null)
{
    private const string McVideo = "mcvideo-mcvideo-id";
    private const string McData = "mcdata-mcdata-id";
    private const string UserPriority = "user-priority";
    private const string Type = "participant-type";
    private const string Required = "on-network-required";
    private const string ReceiveOnly = "on-network-recvonly";

    private static readonly XmlQualifiedName[] _known =
    [
        GroupNamespaces.List("display-name"), new("display-name", GroupNamespaces.ResourceLists), GroupNamespaces.Info(McVideo),
        GroupNamespaces.Info(McData), GroupNamespaces.Info(UserPriority), GroupNamespaces.Info(Type),
        GroupNamespaces.Info(Required), GroupNamespaces.Info(ReceiveOnly),
    ];

    /// <summary>The MCVideo ID, where the member has one of its own.</summary>
    public string? McVideoId { get; init; }

    /// <summary>The MCData ID, where the member has one of its own.</summary>
    public string? McDataId { get; init; }

    /// <summary>The priority of the member, 0 to 255; null where the document does not say.</summary>
    public int? Priority { get; init; }

    /// <summary>What the member is in the group, such as <c>chair</c>; null where the document does not say.</summary>
    public string? ParticipantType { get; init; }

    /// <summary>Whether a call waits for this member.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether the member only listens.</summary>
    public bool IsReceiveOnly { get; init; }

    /// <summary>Elements without a property.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    /// <summary>The MC service IDs that the member has, each once.</summary>
    public IReadOnlyList<string> Identities =>
        [.. new[] { Uri, McVideoId, McDataId }.OfType<string>().Distinct(StringComparer.Ordinal)];

    internal static GroupMember Read(XmlElement entry) => new(
        OpenElement.RequiredUriAttribute(entry, "uri"),
        OpenElement.Text(OpenElement.Child(entry, "display-name", GroupNamespaces.ResourceLists))
            ?? OpenElement.ChildText(entry, "display-name"))
    {
        McVideoId = Identity(entry, McVideo),
        McDataId = Identity(entry, McData),
        Priority = OpenElement.Number(Info(entry, UserPriority), byte.MaxValue),
        ParticipantType = OpenElement.Text(Info(entry, Type)),
        IsRequired = Info(entry, Required) is not null,
        IsReceiveOnly = Info(entry, ReceiveOnly) is not null,
        Others = OpenElement.Others(entry, _known),
    };

    internal void Write(DocumentWriter writer)
    {
        writer.Attribute("uri", Uri);
        writer.Text("display-name", DisplayName, GroupNamespaces.ResourceLists);
        writer.Number(UserPriority, Priority, GroupNamespaces.GroupInfo);
        writer.Text(Type, ParticipantType, GroupNamespaces.GroupInfo);
        writer.Empty(Required, IsRequired, GroupNamespaces.GroupInfo);
        writer.Empty(ReceiveOnly, IsReceiveOnly, GroupNamespaces.GroupInfo);
        WriteIdentity(writer, McVideo, McVideoId);
        WriteIdentity(writer, McData, McDataId);
        writer.Foreign(Others);
    }

    private static string? Identity(XmlElement entry, string name) =>
        Info(entry, name) is { } element ? OpenElement.RequiredUriAttribute(element, "uri") : null;

    private static void WriteIdentity(DocumentWriter writer, string name, string? uri)
    {
        if (uri is not null)
        {
            writer.Element(name, () => writer.Attribute("uri", uri), GroupNamespaces.GroupInfo);
        }
    }

    private static XmlElement? Info(XmlElement entry, string name) => OpenElement.Child(entry, name, GroupNamespaces.GroupInfo);
}

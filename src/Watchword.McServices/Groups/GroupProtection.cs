using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>
/// How media and control of a group are protected in each service. What the document does not say is protected
/// (TS 24.481 7.2.8): then a member needs the GMK.
/// </summary>
public sealed record GroupProtection
{
    private const string Media = "protect-media";
    private const string FloorControl = "protect-floor-control-signalling";
    private const string VideoMedia = "mcvideo-protect-media";
    private const string VideoControl = "mcvideo-protect-transmission-control";
    private const string DataMedia = "mcdata-protect-media";
    private const string DataControl = "mcdata-protect-transmission-control";

    /// <summary>Speech of MCPTT.</summary>
    public bool ProtectMedia { get; init; } = true;

    /// <summary>Floor control of MCPTT.</summary>
    public bool ProtectFloorControlSignalling { get; init; } = true;

    /// <summary>Media of MCVideo.</summary>
    public bool McVideoProtectMedia { get; init; } = true;

    /// <summary>Transmission control of MCVideo.</summary>
    public bool McVideoProtectTransmissionControl { get; init; } = true;

    /// <summary>Payloads of MCData.</summary>
    public bool McDataProtectMedia { get; init; } = true;

    /// <summary>Transmission control of MCData.</summary>
    public bool McDataProtectTransmissionControl { get; init; } = true;

    /// <summary>Nothing protected.</summary>
    public static GroupProtection None { get; } = new()
    {
        ProtectMedia = false,
        ProtectFloorControlSignalling = false,
        McVideoProtectMedia = false,
        McVideoProtectTransmissionControl = false,
        McDataProtectMedia = false,
        McDataProtectTransmissionControl = false,
    };

    internal static IEnumerable<XmlQualifiedName> Names { get; } =
    [
        GroupNamespaces.Info(Media), GroupNamespaces.Info(FloorControl), GroupNamespaces.Info(VideoMedia),
        GroupNamespaces.Info(VideoControl), GroupNamespaces.Info(DataMedia), GroupNamespaces.Info(DataControl),
    ];

    /// <summary>Whether anything of a service is protected under the GMK.</summary>
    public bool NeedsGmk(McServiceNames service) => service.Kind switch
    {
        McServiceKind.Mcptt => ProtectMedia || ProtectFloorControlSignalling,
        McServiceKind.McVideo => McVideoProtectMedia || McVideoProtectTransmissionControl,
        _ => McDataProtectMedia || McDataProtectTransmissionControl,
    };

    internal static GroupProtection Read(XmlElement group) => new()
    {
        ProtectMedia = Flag(group, Media),
        ProtectFloorControlSignalling = Flag(group, FloorControl),
        McVideoProtectMedia = Flag(group, VideoMedia),
        McVideoProtectTransmissionControl = Flag(group, VideoControl),
        McDataProtectMedia = Flag(group, DataMedia),
        McDataProtectTransmissionControl = Flag(group, DataControl),
    };

    // Those of a service that the group is not for are written only where they say something.
    internal void Write(DocumentWriter writer, GroupDocument group)
    {
        Write(writer, Media, ProtectMedia, group.Supports(McServiceNames.Mcptt));
        Write(writer, FloorControl, ProtectFloorControlSignalling, group.Supports(McServiceNames.Mcptt));
        Write(writer, VideoMedia, McVideoProtectMedia, group.Supports(McServiceNames.McVideo));
        Write(writer, VideoControl, McVideoProtectTransmissionControl, group.Supports(McServiceNames.McVideo));
        Write(writer, DataMedia, McDataProtectMedia, group.Supports(McServiceNames.McData));
        Write(writer, DataControl, McDataProtectTransmissionControl, group.Supports(McServiceNames.McData));
    }

    private static bool Flag(XmlElement group, string name) =>
        OpenElement.Boolean(OpenElement.Child(group, name, GroupNamespaces.GroupInfo)) ?? true;

    private static void Write(DocumentWriter writer, string name, bool value, bool isSupported) =>
        writer.Boolean(name, isSupported || !value ? value : null, GroupNamespaces.GroupInfo);
}

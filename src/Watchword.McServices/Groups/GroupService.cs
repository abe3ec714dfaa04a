using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>A service that a group is for (TS 24.481 7.2.2, <c>supported-services</c>).</summary>
/// <param name="Enabler">The ICSI of the service.</param>
public sealed record GroupService(string Enabler)
{
    private const string Services = "supported-services";
    private const string Service = "service";
    private const string Media = "group-media";

    /// <summary>The media of the group in that service, such as <c>mcptt-speech</c>.</summary>
    public IReadOnlyList<ForeignElement> GroupMedia { get; init; } = [];

    /// <summary>A service with the media that TS 24.481 7.2.2 has for it: speech for MCPTT, video for MCVideo.</summary>
    public static GroupService Of(McServiceNames service) => new(service.Icsi)
    {
        GroupMedia = service.Kind switch
        {
            McServiceKind.Mcptt => [MediaElement("mcptt-speech")],
            McServiceKind.McVideo => [MediaElement("mcvideo-video-media")],
            _ => [],
        },
    };

    internal static IReadOnlyList<GroupService> Read(XmlElement group)
    {
        XmlElement? services = OpenElement.Child(group, Services, GroupNamespaces.XdmExtensions)
            ?? OpenElement.Child(group, Services, GroupNamespaces.XdmGroup);
        return services is null ? [] : [.. OpenElement.Children(services, Service).Select(element =>
            new GroupService(OpenElement.RequiredUriAttribute(element, "enabler"))
            {
                GroupMedia = OpenElement.Child(element, Media) is { } media ? OpenElement.Others(media) : [],
            })];
    }

    internal static void Write(DocumentWriter writer, IReadOnlyList<GroupService> services)
    {
        if (services.Count == 0)
        {
            return;
        }

        writer.Element(Services, () =>
        {
            foreach (GroupService service in services)
            {
                writer.Element(Service, () =>
                {
                    writer.Attribute("enabler", service.Enabler);
                    if (service.GroupMedia.Count > 0)
                    {
                        writer.Element(Media, () => writer.Foreign(service.GroupMedia), GroupNamespaces.XdmExtensions);
                    }
                }, GroupNamespaces.XdmExtensions);
            }
        }, GroupNamespaces.XdmExtensions);
    }

    private static ForeignElement MediaElement(string name)
    {
        using DocumentWriter writer = new(name, GroupNamespaces.GroupInfo);
        return ForeignElement.Parse(writer.Finish());
    }
}

using Watchword.McServices.Xcap;

namespace Watchword.ResourceServers.Xcap;

/// <summary>Media types of nodes and of the capabilities document (RFC 4825 §15.2).</summary>
internal static class XcapMediaTypes
{
    public const string Element = "application/xcap-el+xml";
    public const string Attribute = "application/xcap-att+xml";
    public const string Namespaces = "application/xcap-ns+xml";
    public const string Capabilities = "application/xcap-caps+xml";

    public static string Of(NodeTerminal terminal) => terminal switch
    {
        NodeTerminal.Attribute => Attribute,
        NodeTerminal.Namespaces => Namespaces,
        _ => Element,
    };

    /// <summary>The media type that a representation of the target has.</summary>
    public static string Of(XcapTarget target) => target.Node is { } node ? Of(node.Terminal) : target.Usage.MediaType;
}

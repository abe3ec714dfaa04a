using System.Xml;

namespace Watchword.McServices.Groups;

/// <summary>The namespaces of a group document (TS 24.481 7.2.2).</summary>
internal static class GroupNamespaces
{
    public const string ListService = "urn:oma:xml:poc:list-service";
    public const string GroupInfo = "urn:3gpp:ns:mcpttGroupInfo:1.0";
    public const string ResourceLists = "urn:ietf:params:xml:ns:resource-lists";
    public const string CommonPolicy = "urn:ietf:params:xml:ns:common-policy";
    public const string XdmExtensions = "urn:oma:xml:xdm:extensions";

    /// <summary>Where a deployed server puts the services.</summary>
    public const string XdmGroup = "urn:oma:xml:xdm:group";

    public static XmlQualifiedName Info(string name) => new(name, GroupInfo);

    public static XmlQualifiedName List(string name) => new(name, ListService);
}

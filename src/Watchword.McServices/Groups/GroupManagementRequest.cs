using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>What a client asks of the group management server by HTTP POST (TS 24.481 6.3.16). The numbers are stable.</summary>
public enum GroupManagementOperation
{
    /// <summary>The group document without its members.</summary>
    GetExcludingMemberList = 0,

    /// <summary>An operation that is not known here, such as regrouping.</summary>
    Other = 1,
}

/// <summary>
/// The body of a group management operation (GMOP, TS 24.481 6.3.16): a document with one request, which has one operation.
/// </summary>
public sealed record GroupManagementRequest
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.3gpp.GMOP+xml";

    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:3gpp:ns:mcpttGMOP:1.0";

    private const string Root = "document";
    private const string Request = "request";
    private const string GetExcludingMemberList = "get-excluding-memberlist";

    private GroupManagementRequest(GroupManagementOperation operation, ForeignElement element)
    {
        Operation = operation;
        Element = element;
    }

    /// <summary>The operation.</summary>
    public GroupManagementOperation Operation { get; }

    /// <summary>The element of the operation with what is in it.</summary>
    public ForeignElement Element { get; }

    /// <summary>Asks for the group document without its members.</summary>
    public static GroupManagementRequest ExcludingMemberList() =>
        Parse(System.Text.Encoding.UTF8.GetBytes(
            $"<{Root} xmlns='{Namespace}'><{Request}><{GetExcludingMemberList}/></{Request}></{Root}>"));

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without request, or a request of no or several operations.
    /// </exception>
    public static GroupManagementRequest Parse(ReadOnlyMemory<byte> body, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(body, limits ?? XmlLimits.Default, Root, Namespace);
        IReadOnlyList<ForeignElement> operations = OpenElement.Others(OpenElement.RequiredChild(root, Request));
        if (operations.Count != 1)
        {
            throw operations.Count == 0
                ? OpenElement.Missing(Request)
                : new McServicesFormatException(Request, McServicesFormatFault.DuplicateElement);
        }

        bool isKnown = operations[0].Name == new XmlQualifiedName(GetExcludingMemberList, Namespace);
        return new GroupManagementRequest(
            isKnown ? GroupManagementOperation.GetExcludingMemberList : GroupManagementOperation.Other, operations[0]);
    }

    /// <summary>The body as UTF-8.</summary>
    public byte[] Write()
    {
        using DocumentWriter writer = new(Root, Namespace);
        writer.Element(Request, () => writer.Foreign([Element]));
        return writer.Finish();
    }
}

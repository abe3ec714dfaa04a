using System.Xml;

namespace Watchword.McServices.Info;

/// <summary>
/// What one service is called on the wire: in SIP headers, media types and the info body (TS 24.379, TS 24.281 and TS 24.282,
/// clause 7 and Annex F.1 each). The three services differ in these names and in little else.
/// </summary>
public sealed class McServiceNames
{
    private McServiceNames(McServiceKind kind, string name, string[] functions, string[] parameterOrder)
    {
        string prefix = name.ToLowerInvariant();
        Kind = kind;
        Name = name;
        Prefix = prefix;
        Icsi = "urn:urn-7:3gpp-service.ims.icsi." + prefix;
        FunctionIcsis = [.. functions.Select(function => $"{Icsi}.{function}")];
        FeatureTags = functions.Length == 0
            ? ["+g.3gpp." + prefix]
            : [.. functions.Select(function => $"+g.3gpp.{prefix}.{function}")];
        InfoMediaType = $"application/vnd.3gpp.{prefix}-info+xml";
        InfoNamespace = $"urn:3gpp:ns:{prefix}Info:1.0";
        ParameterOrder = [.. parameterOrder.Select(parameter => parameter.Replace("*", prefix, StringComparison.Ordinal))];
    }

    /// <summary>MCPTT (TS 24.379).</summary>
    public static McServiceNames Mcptt { get; } = new(McServiceKind.Mcptt, "MCPTT", [],
    [
        "*-access-token", "session-type", "*-request-uri", "*-calling-user-id", "*-called-party-id", "*-calling-group-id",
        "required", "emergency-ind", "alert-ind", "imminentperil-ind", "broadcast-ind", "mc-org", "floor-state",
        "associated-group-id", "originated-by", "MKFC-GKTPs", "*-client-id", "alert-ind-rcvd", "multiple-devices-ind",
    ]);

    /// <summary>MCVideo (TS 24.281).</summary>
    public static McServiceNames McVideo { get; } = new(McServiceKind.McVideo, "MCVideo", [],
    [
        "*-access-token", "session-type", "*-request-uri", "*-calling-user-id", "*-called-party-id", "*-calling-group-id",
        "required", "emergency-ind", "alert-ind", "imminentperil-ind", "broadcast-ind", "mc-org", "associated-group-id",
        "originated-by", "MKFC-GKTPs", "*-client-id", "alert-ind-rcvd", "multiple-devices-ind", "video-pull-url",
        "gw-mcvideo-usage",
    ]);

    /// <summary>MCData (TS 24.282), which has an ICSI and a feature tag for each of its functions as well.</summary>
    public static McServiceNames McData { get; } = new(McServiceKind.McData, "MCData", ["sds", "fd", "ipconn"],
    [
        "*-access-token", "request-type", "*-request-uri", "*-calling-user-id", "*-called-party-id", "*-calling-group-id",
        "alert-ind", "originated-by", "*-client-id", "*-controller-psi", "alert-ind-rcvd", "multiple-devices-ind",
    ]);

    /// <summary>The three services.</summary>
    public static IReadOnlyList<McServiceNames> All { get; } = [Mcptt, McVideo, McData];

    /// <summary>Which service.</summary>
    public McServiceKind Kind { get; }

    /// <summary>Its name, such as <c>MCVideo</c>.</summary>
    public string Name { get; }

    /// <summary>Its name in lower case, with which its identifiers begin, such as <c>mcvideo</c>.</summary>
    public string Prefix { get; }

    /// <summary>The IMS communication service identifier of registration and settings, for <c>P-Preferred-Service</c>.</summary>
    public string Icsi { get; }

    /// <summary>The identifiers of its functions, MCData's alone.</summary>
    public IReadOnlyList<string> FunctionIcsis { get; }

    /// <summary>The feature tags of the Contact header, <c>+</c> included; any of them says that the service is meant.</summary>
    public IReadOnlyList<string> FeatureTags { get; }

    /// <summary>The ICSI as the value of the feature tag <c>+g.3gpp.icsi-ref</c> (TS 24.229 7.9.2): colons escaped.</summary>
    public string IcsiReference => Icsi.Replace(":", "%3A", StringComparison.Ordinal);

    /// <summary>The media type of the info body.</summary>
    public string InfoMediaType { get; }

    /// <summary>The namespace of the info body.</summary>
    public string InfoNamespace { get; }

    /// <summary>The root of the info body.</summary>
    public string InfoRoot => Prefix + "info";

    /// <summary>The element of the parameters within the root.</summary>
    public string InfoParameters => Prefix + "-Params";

    /// <summary>The element of the access token.</summary>
    public string AccessToken => Prefix + "-access-token";

    /// <summary>The element of the MC client ID.</summary>
    public string ClientId => Prefix + "-client-id";

    /// <summary>The element of the MC service ID or group that a request is for.</summary>
    public string RequestUri => Prefix + "-request-uri";

    /// <summary>The element of the MC service ID of who calls.</summary>
    public string CallingUserId => Prefix + "-calling-user-id";

    /// <summary>The element of the group that is called.</summary>
    public string CallingGroupId => Prefix + "-calling-group-id";

    /// <summary>The element within a parameter that holds a URI.</summary>
    public string UriElement => Prefix + "URI";

    /// <summary>The element within a parameter that holds text.</summary>
    public string StringElement => Prefix + "String";

    /// <summary>The element within a parameter that holds <c>true</c> or <c>false</c>.</summary>
    public string BooleanElement => Prefix + "Boolean";

    /// <summary>Whether the settings of a client have an answer mode: MCData answers nothing (TS 24.282 7.2).</summary>
    public bool HasAnswerMode => Kind != McServiceKind.McData;

    /// <summary>
    /// The elements that are encrypted where confidentiality is on (TS 24.379 4.8): token, identities of clients, users and
    /// groups.
    /// </summary>
    public IReadOnlyList<XmlQualifiedName> ConfidentialElements =>
        [.. new[] { AccessToken, RequestUri, CallingUserId, Prefix + "-called-party-id", CallingGroupId, ClientId }
            .Select(name => new XmlQualifiedName(name, InfoNamespace))];

    /// <summary>The order in which the schema has the parameters.</summary>
    internal IReadOnlyList<string> ParameterOrder { get; }

    /// <summary>The names of a service.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a service.</exception>
    public static McServiceNames Of(McServiceKind kind) =>
        Enum.IsDefined(kind) ? All[(int)kind] : throw new ArgumentOutOfRangeException(nameof(kind));

    /// <summary>
    /// The service of an info body by its media type; parameters behind it and upper case do not matter. Null if it is none.
    /// </summary>
    public static McServiceNames? OfInfoMediaType(string mediaType)
    {
        string bare = mediaType.Split(';')[0].Trim();
        return All.FirstOrDefault(service => bare.Equals(service.InfoMediaType, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The service that an ICSI names, or that of one of its functions; null if it is none.</summary>
    public static McServiceNames? OfIcsi(string icsi) => All.FirstOrDefault(service =>
        icsi.Equals(service.Icsi, StringComparison.OrdinalIgnoreCase)
        || service.FunctionIcsis.Contains(icsi, StringComparer.OrdinalIgnoreCase));

    /// <summary>The service that a feature tag of a Contact names, with or without the plus; null if it is none.</summary>
    public static McServiceNames? OfFeatureTag(string tag) => All.FirstOrDefault(service =>
        service.FeatureTags.Contains("+" + tag.TrimStart('+'), StringComparer.OrdinalIgnoreCase));

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

using System.Globalization;
using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>A value of the SIP header Resource-Priority (RFC 4412, RFC 8101).</summary>
/// <param name="Namespace">The namespace, such as <c>mcpttp</c>.</param>
/// <param name="Priority">The priority within it, such as <c>15</c>.</param>
public sealed record ResourcePriority(string Namespace, string Priority)
{
    /// <summary>As in the header, such as <c>mcpttp.15</c>.</summary>
    public override string ToString() => $"{Namespace}.{Priority}";
}

/// <summary>
/// The service configuration (TS 24.484 8.4, 9.4, 10.4): what holds for everybody of a service. Its members are those that the
/// protection of signalling and the SIP side need; what else the document holds is passed over.
/// </summary>
public sealed record ServiceConfiguration
{
    private const string Parameters = "service-configuration-params";
    private const string OnNetwork = "on-network";
    private const string SignallingProtection = "signalling-protection";
    private const string Confidentiality = "confidentiality-protection";
    private const string Integrity = "integrity-protection";
    private const string BetweenServersSignalling = "allow-signalling-protection";

    /// <summary>The service.</summary>
    public required McServiceNames Service { get; init; }

    /// <summary>The domain that it holds for.</summary>
    public required string Domain { get; init; }

    /// <summary>
    /// Whether clients encrypt confidential elements. True where the document does not say (TS 24.484 8.4.2.6, TS 24.379
    /// 6.6.2.3.1).
    /// </summary>
    public bool ConfidentialityProtection { get; init; } = true;

    /// <summary>
    /// Whether clients sign bodies. True where the document does not say (TS 24.484 8.4.2.6, TS 24.379 6.6.3.3.1).
    /// </summary>
    public bool IntegrityProtection { get; init; } = true;

    /// <summary>Whether servers protect XML among each other. True where the document does not say (TS 24.484 8.4.2.7).</summary>
    public bool SignallingProtectionBetweenServers { get; init; } = true;

    /// <summary>
    /// Whether servers protect floor control (MCPTT) or transmission control among each other. True where the document does not
    /// say.
    /// </summary>
    public bool ControlProtectionBetweenServers { get; init; } = true;

    /// <summary>The priority of emergency calls; null where the document does not say.</summary>
    public ResourcePriority? EmergencyPriority { get; init; }

    /// <summary>The priority of imminent-peril calls; null where the document does not say.</summary>
    public ResourcePriority? ImminentPerilPriority { get; init; }

    /// <summary>The priority of other calls; null where the document does not say.</summary>
    public ResourcePriority? NormalPriority { get; init; }

    /// <summary>The levels of group hierarchy that a broadcast group may have; null where the document does not say.</summary>
    public int? GroupHierarchyLevels { get; init; }

    /// <summary>Reads a document.</summary>
    /// <param name="service">The service whose document it must be.</param>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without domain, or a value of another form.
    /// </exception>
    public static ServiceConfiguration Parse(McServiceNames service, ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, service.Kind);
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, usage.Root, [.. usage.Namespaces]);
        XmlElement parameters = OpenElement.RequiredChild(root, Parameters);
        XmlElement? network = OpenElement.Child(parameters, OnNetwork);
        XmlElement? protection = Child(network, SignallingProtection);
        XmlElement? servers = Child(network, BetweenServers(service));
        return new ServiceConfiguration
        {
            Service = service,
            Domain = OpenElement.RequiredUriAttribute(parameters, "domain"),
            ConfidentialityProtection = OpenElement.ChildBoolean(protection, Confidentiality) ?? true,
            IntegrityProtection = OpenElement.ChildBoolean(protection, Integrity) ?? true,
            SignallingProtectionBetweenServers = OpenElement.ChildBoolean(servers, BetweenServersSignalling) ?? true,
            ControlProtectionBetweenServers = OpenElement.ChildBoolean(servers, BetweenServersControl(service)) ?? true,
            EmergencyPriority = Priority(network, "emergency-resource-priority"),
            ImminentPerilPriority = Priority(network, "imminent-peril-resource-priority"),
            NormalPriority = Priority(network, "normal-resource-priority"),
            GroupHierarchyLevels = OpenElement.ChildNumber(
                Child(OpenElement.Child(parameters, "common"), "broadcast-group"), "num-levels-group-hierarchy"),
        };
    }

    /// <summary>The document as UTF-8, elements in the order of the schema; protection is always said.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.ServiceConfiguration, Service.Kind);
        using DocumentWriter writer = new(usage.Root, usage.Namespace);
        writer.Element(Parameters, () =>
        {
            writer.Attribute("domain", Domain);
            if (GroupHierarchyLevels is { } levels)
            {
                writer.Element("common", () => writer.Element("broadcast-group", () =>
                    writer.Number("num-levels-group-hierarchy", levels)));
            }

            writer.Element(OnNetwork, () => WriteOnNetwork(writer));
        });
        return writer.Finish();
    }

    private void WriteOnNetwork(DocumentWriter writer)
    {
        writer.Element(SignallingProtection, () =>
        {
            writer.Boolean(Confidentiality, ConfidentialityProtection);
            writer.Boolean(Integrity, IntegrityProtection);
        });
        writer.Element(BetweenServers(Service), () =>
        {
            writer.Boolean(BetweenServersSignalling, SignallingProtectionBetweenServers);
            writer.Boolean(BetweenServersControl(Service), ControlProtectionBetweenServers);
        });
        Write(writer, "emergency-resource-priority", EmergencyPriority);
        Write(writer, "imminent-peril-resource-priority", ImminentPerilPriority);
        Write(writer, "normal-resource-priority", NormalPriority);
    }

    private static void Write(DocumentWriter writer, string name, ResourcePriority? priority)
    {
        if (priority is not null)
        {
            writer.Element(name, () =>
            {
                writer.Text("resource-priority-namespace", priority.Namespace);
                writer.Text("resource-priority-priority", priority.Priority);
            });
        }
    }

    private static ResourcePriority? Priority(XmlElement? network, string name)
    {
        XmlElement? element = Child(network, name);
        string? space = OpenElement.ChildText(element, "resource-priority-namespace");
        string? priority = OpenElement.ChildText(element, "resource-priority-priority");
        return (space, priority) switch
        {
            (null, null) => null,
            (not null, not null) => new ResourcePriority(space, priority),
            _ => throw OpenElement.Missing(name),
        };
    }

    private static XmlElement? Child(XmlElement? parent, string name) => parent is null ? null : OpenElement.Child(parent, name);

    private static string BetweenServers(McServiceNames service) =>
        string.Create(CultureInfo.InvariantCulture, $"protection-between-{service.Prefix}-servers");

    private static string BetweenServersControl(McServiceNames service) => service.Kind == McServiceKind.Mcptt
        ? "allow-floor-control-protection" : "allow-transmission-control-protection";
}

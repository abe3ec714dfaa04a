using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>The profile of a user who has not logged in (TS 24.484 7.2.2.1).</summary>
/// <param name="UserId">The user.</param>
/// <param name="Index">The index of the profile, 0 to 255.</param>
public sealed record DefaultUserProfile(string UserId, int Index)
{
    private const string UserIdAttribute = "User-ID";
    private const string IndexAttribute = "user-profile-index";

    internal static DefaultUserProfile? Read(XmlElement? element) => element is null ? null : new DefaultUserProfile(
        OpenElement.RequiredUriAttribute(element, UserIdAttribute),
        OpenElement.Number(
            OpenElement.Attribute(element, IndexAttribute)?.Trim() ?? throw OpenElement.Missing(IndexAttribute),
            byte.MaxValue, IndexAttribute));

    internal void Write(DocumentWriter writer) => writer.Element("Default-user-profile", () =>
    {
        writer.Attribute(UserIdAttribute, UserId);
        writer.Attribute(IndexAttribute, Index.ToString(System.Globalization.CultureInfo.InvariantCulture));
    });
}

/// <summary>
/// Timers of floor participants in whole seconds, 0 to 255 (TS 24.484 7.2.2.7, TS 24.380 11.1.1). Zero leaves the default of TS
/// 24.380.
/// </summary>
/// <param name="T100">Floor release.</param>
/// <param name="T101">Floor request.</param>
/// <param name="T103">End of RTP media.</param>
/// <param name="T104">Floor queue position request.</param>
/// <param name="T132">Floor granted after queueing, action of the user.</param>
public sealed record OnNetworkTimers(int T100 = 0, int T101 = 0, int T103 = 0, int T104 = 0, int T132 = 0)
{
    internal static OnNetworkTimers Read(XmlElement? element) =>
        new(Timer(element, "T100"), Timer(element, "T101"), Timer(element, "T103"), Timer(element, "T104"),
            Timer(element, "T132"));

    internal void Write(DocumentWriter writer) => writer.Element("Timers", () =>
    {
        writer.Number("T100", T100);
        writer.Number("T101", T101);
        writer.Number("T103", T103);
        writer.Number("T104", T104);
        writer.Number("T132", T132);
    });

    private static int Timer(XmlElement? element, string name) => OpenElement.ChildNumber(element, name, byte.MaxValue) ?? 0;
}

/// <summary>The home network of a UE and its connections (TS 24.484 7.2.2.1).</summary>
/// <param name="Plmn">The PLMN, country code and network code as digits.</param>
/// <param name="McpttConnection">The connection (APN or DNN) of MCPTT.</param>
/// <param name="CommonCoreConnection">The connection of the common services core.</param>
/// <param name="IdentityConnection">The connection of identity management.</param>
public sealed record HomeNetwork(
    string Plmn, string? McpttConnection = null, string? CommonCoreConnection = null, string? IdentityConnection = null)
{
    internal static HomeNetwork? Read(XmlElement? element)
    {
        if (element is null)
        {
            return null;
        }

        XmlElement? service = OpenElement.Child(element, "service");
        return new HomeNetwork(
            OpenElement.RequiredUriAttribute(element, "PLMN"),
            OpenElement.ChildText(service, "MCPTT-to-con-ref"),
            OpenElement.ChildText(service, "MC-common-core-to-con-ref"),
            OpenElement.ChildText(service, "MC-ID-to-con-ref"));
    }

    internal void Write(DocumentWriter writer) => writer.Element("HPLMN", () =>
    {
        writer.Attribute("PLMN", Plmn);
        writer.Element("service", () =>
        {
            writer.Text("MCPTT-to-con-ref", McpttConnection ?? "");
            writer.Text("MC-common-core-to-con-ref", CommonCoreConnection ?? "");
            writer.Text("MC-ID-to-con-ref", IdentityConnection ?? "");
        });
    });
}

/// <summary>The instance IDs of UEs, as initial configuration and UE configuration have them.</summary>
internal static class UeIdentifiers
{
    private const string InstanceId = "Instance-ID-URN";

    public static IReadOnlyList<string> Read(XmlElement root, string name) =>
        [.. OpenElement.Children(root, name)
            .SelectMany(element => OpenElement.Children(element, InstanceId))
            .Select(element => OpenElement.Uri(element) ?? throw OpenElement.Missing(InstanceId))];

    public static void Write(DocumentWriter writer, string name, IReadOnlyList<string> instanceIds)
    {
        if (instanceIds.Count > 0)
        {
            writer.Element(name, () =>
            {
                foreach (string instanceId in instanceIds)
                {
                    writer.Text(InstanceId, instanceId);
                }
            });
        }
    }
}

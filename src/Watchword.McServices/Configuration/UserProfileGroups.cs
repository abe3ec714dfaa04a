using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>
/// The groups of a user profile, in the two forms that there are: MCPTT has one list of entries and, in <c>GroupServerInfo</c>,
/// lists of servers whose entries have the index of their group; MCVideo has an element for each group with its servers in it (TS
/// 24.484 9.3.2.3), and MCData is taken to be like it. Both are read for every service.
/// </summary>
internal static class UserProfileGroups
{
    private const string ServerInfo = "GroupServerInfo";
    private const string GmsServer = "GMS-Serv-Id";
    private const string Extension = "anyExt";

    public static IReadOnlyList<UserProfileGroup> Read(XmlElement network, McServiceNames service)
    {
        List<UserProfileGroup> groups = [];
        XmlElement? servers = OpenElement.ExtendedChild(network, ServerInfo);
        Dictionary<int, string> gms = Servers(servers, GmsServer), kms = Servers(servers, "KMS-URI");
        Dictionary<int, string> tokenEndpoints = Servers(servers, "IDMS-token-endpoint");
        foreach (XmlElement info in OpenElement.Children(network, service.Name + "GroupInfo"))
        {
            if (OpenElement.Child(info, service.Name + "-Group-ID") is { } single)
            {
                groups.Add(ReadSingle(info, ProfileEntry.Read(single)!));
                continue;
            }

            groups.AddRange(ProfileEntry.List(info).Select(entry => new UserProfileGroup(entry.Uri, entry.DisplayName)
            {
                GmsUri = Of(gms, entry.Index),
                IdmsTokenEndpoint = Of(tokenEndpoints, entry.Index),
                KmsUri = Of(kms, entry.Index),
                PartnerAudience = Audience(entry.Extension),
            }));
        }

        return groups;
    }

    public static void Write(DocumentWriter writer, McServiceNames service, IReadOnlyList<UserProfileGroup> groups)
    {
        if (service.Kind != McServiceKind.Mcptt)
        {
            foreach (UserProfileGroup group in groups)
            {
                writer.Element(service.Name + "GroupInfo", () => WriteSingle(writer, service, group));
            }

            return;
        }

        writer.Element(service.Name + "GroupInfo", () =>
        {
            for (int i = 0; i < groups.Count; i++)
            {
                string? audience = groups[i].PartnerAudience;
                new ProfileEntry(groups[i].GroupUri, groups[i].DisplayName, i + 1)
                    .Write(writer, "entry", WriteAudience(writer, audience));
            }
        });
        if (groups.Any(group => (group.GmsUri ?? group.IdmsTokenEndpoint ?? group.KmsUri) is not null))
        {
            writer.Element(ServerInfo, () =>
            {
                WriteServers(writer, GmsServer, [.. groups.Select(group => group.GmsUri)]);
                WriteServers(writer, "IDMS-token-endpoint", [.. groups.Select(group => group.IdmsTokenEndpoint)]);
                WriteServers(writer, "KMS-URI", [.. groups.Select(group => group.KmsUri)]);
            });
        }
    }

    private static UserProfileGroup ReadSingle(XmlElement info, ProfileEntry group) => new(group.Uri, group.DisplayName)
    {
        GmsUri = ProfileEntry.Read(OpenElement.Child(info, GmsServer))?.Uri,
        IdmsTokenEndpoint = ProfileEntry.Read(OpenElement.Child(info, "IdMS-Token-Endpoint"))?.Uri,
        KmsUri = ProfileEntry.Read(OpenElement.Child(info, "GroupKMSURI"))?.Uri,
        PartnerAudience = Audience(OpenElement.Child(info, Extension)),
    };

    private static void WriteSingle(DocumentWriter writer, McServiceNames service, UserProfileGroup group)
    {
        new ProfileEntry(group.GroupUri, group.DisplayName, null).Write(writer, service.Name + "-Group-ID");
        WriteServer(writer, GmsServer, group.GmsUri);
        WriteServer(writer, "IdMS-Token-Endpoint", group.IdmsTokenEndpoint);
        WriteServer(writer, "GroupKMSURI", group.KmsUri);
        if (WriteAudience(writer, group.PartnerAudience) is { } extension)
        {
            writer.Element(Extension, extension);
        }
    }

    private static void WriteServer(DocumentWriter writer, string name, string? uri)
    {
        if (uri is not null)
        {
            new ProfileEntry(uri, null, null).Write(writer, name);
        }
    }

    private static void WriteServers(DocumentWriter writer, string name, IReadOnlyList<string?> uris)
    {
        if (uris.All(uri => uri is null))
        {
            return;
        }

        writer.Element(name, () =>
        {
            for (int i = 0; i < uris.Count; i++)
            {
                if (uris[i] is { } uri)
                {
                    new ProfileEntry(uri, null, i + 1).Write(writer, "entry");
                }
            }
        });
    }

    private static Action? WriteAudience(DocumentWriter writer, string? audience) => audience is null ? null
        : () => writer.Text(Extensions.PartnerAudience, audience, Extensions.Namespace);

    private static string? Audience(XmlElement? extension) => extension is null ? null
        : OpenElement.Uri(OpenElement.Child(extension, Extensions.PartnerAudience, Extensions.Namespace));

    private static Dictionary<int, string> Servers(XmlElement? servers, string name) =>
        ProfileEntry.ByIndex(servers is null ? null : OpenElement.Child(servers, name), "entry");

    private static string? Of(Dictionary<int, string> servers, int? index) =>
        index is { } known ? servers.GetValueOrDefault(known) : null;
}

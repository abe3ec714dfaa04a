using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>
/// Whom a user may call. MCPTT has a list of URIs and one of KMSs whose entries have the same index, MCVideo an element for each
/// user (TS 24.484 9.3.2.3); the element of MCData's one-to-one communication is known by name only.
/// </summary>
internal static class UserProfileContacts
{
    private const string CallUri = "PrivateCallURI";
    private const string KmsUri = "PrivateCallKMSURI";
    private const string Call = "PrivateCall";
    private const string List = "PrivateCallList";
    private const string OnNetwork = "PrivateCallOnNetwork";
    private const string OneToOne = "One-to-One-Communication";
    private const string OneToOneList = "One-to-One-CommunicationListEntry";
    private const string OneToOneUser = "MCData-ID";
    private const string OneToOneKms = "MCData-ID-KMSURI";

    public static IReadOnlyList<UserProfileContact> Read(XmlElement common, McServiceNames service)
    {
        if (service.Kind == McServiceKind.McData)
        {
            XmlElement? communication = OpenElement.Child(common, OneToOne);
            return communication is null ? [] : [.. OpenElement.Children(communication, OneToOneList)
                .Select(element => Contact(element, OneToOneUser, OpenElement.Child(element, OneToOneKms)))];
        }

        XmlElement? list = OpenElement.Child(common, Call) is { } call ? OpenElement.Child(call, List) : null;
        if (list is null)
        {
            return [];
        }

        XmlElement? servers = OpenElement.ExtendedChild(list, KmsUri);
        Dictionary<int, string> kms = ProfileEntry.ByIndex(servers, KmsUri);
        return
        [
            .. OpenElement.Children(list, CallUri).Select(element => ProfileEntry.Read(element)!).Select(entry =>
                new UserProfileContact(entry.Uri, entry.DisplayName, entry.Index is { } i ? kms.GetValueOrDefault(i) : null)),
            .. OpenElement.Children(list, OnNetwork).Select(element => Contact(element, CallUri,
                OpenElement.Child(element, KmsUri) is { } server ? OpenElement.Child(server, KmsUri) : null)),
        ];
    }

    public static void Write(DocumentWriter writer, McServiceNames service, IReadOnlyList<UserProfileContact> contacts)
    {
        if (contacts.Count == 0)
        {
            return;
        }

        if (service.Kind == McServiceKind.McData)
        {
            writer.Element(OneToOne, () => Each(contacts, (contact, _) => writer.Element(OneToOneList, () =>
            {
                new ProfileEntry(contact.Uri, contact.DisplayName, null).Write(writer, OneToOneUser);
                WriteKms(writer, OneToOneKms, contact.KmsUri, null);
            })));
            return;
        }

        writer.Element(Call, () => writer.Element(List, () =>
        {
            if (service.Kind == McServiceKind.McVideo)
            {
                Each(contacts, (contact, _) => writer.Element(OnNetwork, () =>
                {
                    new ProfileEntry(contact.Uri, contact.DisplayName, null).Write(writer, CallUri);
                    writer.Element(KmsUri, () => WriteKms(writer, KmsUri, contact.KmsUri, null));
                }));
                return;
            }

            WriteMcptt(writer, contacts);
        }));
    }

    private static void WriteMcptt(DocumentWriter writer, IReadOnlyList<UserProfileContact> contacts)
    {
        Each(contacts, (contact, i) => new ProfileEntry(contact.Uri, contact.DisplayName, i).Write(writer, CallUri));
        if (contacts.Any(contact => contact.KmsUri is not null))
        {
            writer.Element("anyExt", () => writer.Element(KmsUri, () =>
                Each(contacts, (contact, i) => WriteKms(writer, KmsUri, contact.KmsUri, i))));
        }
    }

    private static void WriteKms(DocumentWriter writer, string name, string? uri, int? index)
    {
        if (uri is not null)
        {
            new ProfileEntry(uri, null, index).Write(writer, name);
        }
    }

    private static void Each(IReadOnlyList<UserProfileContact> contacts, Action<UserProfileContact, int> write)
    {
        for (int i = 0; i < contacts.Count; i++)
        {
            write(contacts[i], i + 1);
        }
    }

    private static UserProfileContact Contact(XmlElement element, string name, XmlElement? kms)
    {
        ProfileEntry user = ProfileEntry.Read(OpenElement.RequiredChild(element, name))!;
        return new UserProfileContact(user.Uri, user.DisplayName, ProfileEntry.Read(kms)?.Uri);
    }
}

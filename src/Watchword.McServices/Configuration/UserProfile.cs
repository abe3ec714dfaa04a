using System.Globalization;
using System.Xml;
using Watchword.McServices.Info;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>
/// A user profile (TS 24.484 8.3, 9.3, 10.3): who the user is, his groups, those he is affiliated to without asking, and whom he
/// may call. What else the document holds is passed over.
/// </summary>
public sealed record UserProfile
{
    private const string IndexAttribute = "user-profile-index";
    private const string Common = "Common";
    private const string OnNetwork = "OnNetwork";

    /// <summary>The service.</summary>
    public required McServiceNames Service { get; init; }

    /// <summary>The user in whose directory the document is, an MC service ID.</summary>
    public required string XuiUri { get; init; }

    /// <summary>The index of the profile, 0 to 255.</summary>
    public required int Index { get; init; }

    /// <summary>The name of the user's profile for people.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the profile may be used. True where the document does not say.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>A name of the profile to choose it by.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Whether it is used as long as the user chooses no other (TS 24.484 8.3.2.1).</summary>
    public bool IsPreSelected { get; init; }

    /// <summary>The MC service ID of the user; null where the document does not say.</summary>
    public string? UserId { get; init; }

    /// <summary>The user's name for people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The user's organization.</summary>
    public string? Organization { get; init; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<UserProfileGroup> Groups { get; init; } = [];

    /// <summary>The groups that the server affiliates the user to at service authorisation (TS 24.379 9.2.2.2.15).</summary>
    public IReadOnlyList<string> ImplicitAffiliations { get; init; } = [];

    /// <summary>Whom the user may call privately, or communicate with one to one.</summary>
    public IReadOnlyList<UserProfileContact> PrivateCalls { get; init; } = [];

    /// <summary>How many groups the user may be affiliated to (N2); null where the document does not say.</summary>
    public int? MaxAffiliations { get; init; }

    /// <summary>How many group calls at once (N6), 1 or more; null where the document does not say.</summary>
    public int? MaxSimultaneousCalls { get; init; }

    /// <summary>Reads a profile.</summary>
    /// <param name="service">The service whose document it must be.</param>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, without user or index, or a value of another form.
    /// </exception>
    public static UserProfile Parse(McServiceNames service, ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, service.Kind);
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Document, usage.Root, [.. usage.Namespaces]);
        XmlElement? common = OpenElement.Child(root, Common), network = OpenElement.Child(root, OnNetwork);
        ProfileEntry? user = common is null ? null : ProfileEntry.Read(OpenElement.Child(common, service.Name + "UserID"));
        XmlElement? groupCall = common is null ? null : OpenElement.Child(common, service.Name + "-group-call");
        return new UserProfile
        {
            Service = service,
            XuiUri = OpenElement.RequiredUriAttribute(root, "XUI-URI"),
            Index = OpenElement.Number(
                OpenElement.Attribute(root, IndexAttribute)?.Trim() ?? throw OpenElement.Missing(IndexAttribute),
                byte.MaxValue, IndexAttribute),
            Name = OpenElement.ChildText(root, "Name"),
            IsEnabled = OpenElement.ChildBoolean(root, "Status") ?? true,
            ProfileName = OpenElement.ChildText(root, "ProfileName"),
            IsPreSelected = OpenElement.Child(root, "Pre-selected-indication") is not null,
            UserId = user?.Uri,
            DisplayName = user?.DisplayName,
            Organization = OpenElement.ChildText(common, "MissionCriticalOrganization"),
            Groups = network is null ? [] : UserProfileGroups.Read(network, service),
            ImplicitAffiliations = network is null ? []
                : [.. OpenElement.Children(network, "ImplicitAffiliations")
                    .SelectMany(ProfileEntry.List).Select(entry => entry.Uri)],
            PrivateCalls = common is null ? [] : UserProfileContacts.Read(common, service),
            MaxAffiliations = OpenElement.ChildNumber(network, "MaxAffiliationsN2"),
            MaxSimultaneousCalls = OpenElement.ChildNumber(groupCall, "MaxSimultaneousCallsN6"),
        };
    }

    /// <summary>The document as UTF-8, elements in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, Service.Kind);
        using DocumentWriter writer = new(usage.Root, usage.Namespace);
        writer.Attribute("XUI-URI", XuiUri);
        writer.Attribute(IndexAttribute, Index.ToString(CultureInfo.InvariantCulture));
        writer.Text("Name", Name);
        writer.Boolean("Status", IsEnabled);
        writer.Text("ProfileName", ProfileName);
        writer.Empty("Pre-selected-indication", IsPreSelected);
        writer.Element(Common, () => WriteCommon(writer));
        writer.Element(OnNetwork, () => WriteOnNetwork(writer));
        return writer.Finish();
    }

    private void WriteCommon(DocumentWriter writer)
    {
        if (UserId is not null)
        {
            new ProfileEntry(UserId, DisplayName, null).Write(writer, Service.Name + "UserID");
        }

        UserProfileContacts.Write(writer, Service, PrivateCalls);
        if (MaxSimultaneousCalls is { } calls)
        {
            writer.Element(Service.Name + "-group-call", () => writer.Number("MaxSimultaneousCallsN6", calls));
        }

        writer.Text("MissionCriticalOrganization", Organization);
    }

    private void WriteOnNetwork(DocumentWriter writer)
    {
        UserProfileGroups.Write(writer, Service, Groups);
        writer.Number("MaxAffiliationsN2", MaxAffiliations);
        if (ImplicitAffiliations.Count > 0)
        {
            writer.Element("ImplicitAffiliations", () =>
            {
                for (int i = 0; i < ImplicitAffiliations.Count; i++)
                {
                    new ProfileEntry(ImplicitAffiliations[i], null, i + 1).Write(writer, "entry");
                }
            });
        }
    }
}

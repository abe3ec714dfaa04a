using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.McServices.Settings;

namespace Watchword.McServices.Tests.Configuration;

/// <summary>One full document of every kind, as the writers make it.</summary>
internal static class Documents
{
    public static UeInitialConfiguration UeInitial { get; } = new()
    {
        Domain = "mc.example.org",
        XuiUri = "urn:uuid:1",
        Name = "Fleet & co",
        InstanceIds = ["urn:uuid:1", "urn:uuid:2"],
        DefaultUserProfile = new DefaultUserProfile("sip:default@mc.example.org", 0),
        Timers = new OnNetworkTimers(T101: 2),
        HomeNetwork = new HomeNetwork("00101", "mcptt.apn", "core.apn", "id.apn"),
        IdmsAuthEndpoint = "https://idm.mc.example.org/authorize",
        IdmsTokenEndpoint = "https://idm.mc.example.org/token",
        IdmClientId = "mcx-ue-1",
        HttpProxy = "https://proxy.mc.example.org:8443",
        Gms = "gms.mc.example.org",
        Cms = "cms.mc.example.org",
        Kms = "kms.mc.example.org",
        MutualAuthentication = true,
        GmsUri = "sip:gms_psi@mc.example.org",
        GroupCreationXui = "sip:groups@mc.example.org",
        GmsXcapRoot = "https://gms.mc.example.org/xcap",
        CmsXcapRoot = "https://cms.mc.example.org/xcap",
        IntegrityProtectionEnabled = false,
        ServerUris = new Dictionary<McServiceKind, string>
        {
            [McServiceKind.Mcptt] = "sip:mcptt_psi@mc.example.org", [McServiceKind.McData] = "sip:mcdata_psi@mc.example.org",
        },
    };

    public static GroupDocument Group { get; } = new()
    {
        Uri = "sip:fire@mc.example.org",
        DisplayName = "Fire <1>",
        Members =
        [
            new GroupMember("sip:alice@mc.example.org", "Alice")
            {
                McVideoId = "sip:alice.video@mc.example.org", McDataId = "sip:alice.data@mc.example.org", Priority = 7,
                ParticipantType = "chair", IsRequired = true,
            },
            new GroupMember("sip:bob@mc.example.org") { IsReceiveOnly = true },
        ],
        SupportedServices = [.. McServiceNames.All.Select(GroupService.Of)],
        Protection = new GroupProtection { McDataProtectMedia = false },
        InviteMembers = true,
        MaxParticipantCount = 50,
        Priority = 3,
        Owner = "sip:chief@mc.example.org",
        Administrators = ["sip:alice@mc.example.org"],
        Rules = [GroupRule.ForMembers("members", allowGettingMemberList: true)],
    };

    public static ServiceConfiguration Service(McServiceNames service) => new()
    {
        Service = service,
        Domain = "mc.example.org",
        ConfidentialityProtection = false,
        ControlProtectionBetweenServers = false,
        EmergencyPriority = new ResourcePriority("mcpttp", "15"),
        NormalPriority = new ResourcePriority("mcpttp", "5"),
        GroupHierarchyLevels = 3,
    };

    public static UserProfile Profile(McServiceNames service) => new()
    {
        Service = service,
        XuiUri = "sip:alice@mc.example.org",
        Index = 1,
        Name = "Alice",
        ProfileName = "day",
        IsPreSelected = true,
        UserId = "sip:alice@mc.example.org",
        DisplayName = "Alice",
        Organization = "Fire",
        Groups =
        [
            new UserProfileGroup("sip:fire@mc.example.org", "Fire"),
            new UserProfileGroup("sip:police@partner.example.net")
            {
                GmsUri = "sip:gms@partner.example.net", IdmsTokenEndpoint = "https://idm.partner.example.net/token",
                KmsUri = "kms.partner.example.net", PartnerAudience = "https://idm.partner.example.net",
            },
        ],
        ImplicitAffiliations = ["sip:fire@mc.example.org"],
        PrivateCalls = [new("sip:bob@mc.example.org", "Bob"),
            new("sip:eve@partner.example.net", null, "kms.partner.example.net")],
        MaxAffiliations = 4,
        MaxSimultaneousCalls = 2,
    };

    public static UeConfiguration Ue(McServiceNames service) => new()
    {
        Service = service,
        Domain = "mc.example.org",
        XuiUri = "sip:alice@mc.example.org",
        Name = "Handheld",
        InstanceIds = ["urn:uuid:1"],
        MaxPrivateCalls = service.Kind == McServiceKind.McData ? null : 1,
        MaxGroupCalls = service.Kind == McServiceKind.McData ? null : 2,
        MaxTransmissions = service.Kind == McServiceKind.McData ? null : 3,
        GroupPriorities = service.Kind == McServiceKind.McData ? [] : [new GroupPriority("sip:fire@mc.example.org", 9)],
        Ipv6Preferred = true,
    };

    /// <summary>Each document with its schema and, where it has one, its application usage.</summary>
    public static IEnumerable<(string Schema, ApplicationUsage? Usage, byte[] Document)> All()
    {
        yield return ("ue-init-config.xsd", ApplicationUsage.UeInitialConfiguration, UeInitial.Write());
        yield return ("group.xsd", ApplicationUsage.Groups, Group.Write());
        foreach (McServiceNames service in McServiceNames.All)
        {
            yield return (service.Prefix + "-ue-config.xsd",
                ApplicationUsage.Of(DocumentKind.UeConfiguration, service.Kind), Ue(service).Write());
            yield return (service.Prefix + "-user-profile.xsd",
                ApplicationUsage.Of(DocumentKind.UserProfile, service.Kind), Profile(service).Write());
            yield return (service.Prefix + "-service-config.xsd",
                ApplicationUsage.Of(DocumentKind.ServiceConfiguration, service.Kind), Service(service).Write());
            yield return (service.Prefix + "-info.xsd", null, new McInfo(service)
            {
                AccessToken = McInfoValue.FromText("a.b.c"), RequestUri = McInfoValue.FromUri("sip:a@b"),
                MultipleDevices = McInfoValue.FromBoolean(true),
            }.Write());
        }

        yield return ("poc-settings.xsd", null, new PocSettings
        {
            Entities =
            [
                new() { Id = "urn:uuid:1", AnswerMode = AnswerMode.Manual,
                    SelectedUserProfileIndex = 2, MultiplexSupport = true },
            ],
        }.Write());
        yield return ("xcap-diff.xsd", null, new XcapDiff
        {
            XcapRoot = "https://cms.example.org/", Documents = [XcapDiffDocument.Changed("a/users/sip:a@b/c", "\"2\"", "\"1\"")],
        }.Write());
        yield return ("resource-lists.xsd", null, ResourceLists.Of("sip:a@b").Write());
        yield return ("gmop.xsd", null, GroupManagementRequest.ExcludingMemberList().Write());
    }
}

using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.McServices.Tests.Configuration;

public sealed class ConfigurationDocumentTests
{
    [Fact]
    public void Initial_configurations_are_read_and_written() => DocumentVector.Check(
        "ue_init_config.json", octets => UeInitialConfiguration.Parse(octets), document => document.Write(), document => new()
        {
            ["domain"] = document.Domain,
            ["xui"] = document.XuiUri,
            ["ids"] = document.InstanceIds,
            ["auth"] = document.IdmsAuthEndpoint,
            ["token"] = document.IdmsTokenEndpoint,
            ["client"] = document.IdmClientId,
            ["proxy"] = document.HttpProxy,
            ["servers"] = new[] { document.Gms, document.Cms, document.Kms },
            ["mutual"] = document.MutualAuthentication,
            ["gms"] = document.GmsUri,
            ["creation"] = document.GroupCreationXui,
            ["roots"] = new[] { document.GmsXcapRoot, document.CmsXcapRoot },
            ["integrity"] = document.IntegrityProtectionEnabled,
            ["confidentiality"] = document.ConfidentialityProtectionEnabled,
            ["uris"] = document.ServerUris.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"),
            ["default"] = document.DefaultUserProfile?.Index,
            ["plmn"] = document.HomeNetwork?.Plmn,
            ["t101"] = document.Timers.T101,
        });

    [Theory]
    [InlineData(McServiceKind.Mcptt, "mcptt_service_config.json")]
    [InlineData(McServiceKind.McVideo, "mcvideo_service_config.json")]
    public void Service_configurations_are_read_and_written(McServiceKind kind, string file) => DocumentVector.Check(
        file, octets => ServiceConfiguration.Parse(McServiceNames.Of(kind), octets), document => document.Write(),
            document => new()
        {
            ["domain"] = document.Domain,
            ["confidentiality"] = document.ConfidentialityProtection,
            ["integrity"] = document.IntegrityProtection,
            ["servers"] = new[] { document.SignallingProtectionBetweenServers, document.ControlProtectionBetweenServers },
            ["priorities"] = new[] { document.EmergencyPriority, document.ImminentPerilPriority, document.NormalPriority }
                .Select(priority => priority?.ToString()),
            ["levels"] = document.GroupHierarchyLevels,
        });

    [Theory]
    [InlineData(McServiceKind.Mcptt, "mcptt_user_profile.json")]
    [InlineData(McServiceKind.McVideo, "mcvideo_user_profile.json")]
    [InlineData(McServiceKind.McData, "mcdata_user_profile.json")]
    public void User_profiles_are_read_and_written(McServiceKind kind, string file) => DocumentVector.Check(
        file, octets => UserProfile.Parse(McServiceNames.Of(kind), octets), document => document.Write(), document => new()
        {
            ["xui"] = document.XuiUri,
            ["index"] = document.Index,
            ["enabled"] = document.IsEnabled,
            ["selected"] = document.IsPreSelected,
            ["user"] = document.UserId,
            ["groups"] = document.Groups.Select(group => group.GroupUri),
            ["gms"] = document.Groups.Select(group => group.GmsUri),
            ["tokens"] = document.Groups.Select(group => group.IdmsTokenEndpoint),
            ["kms"] = document.Groups.Select(group => group.KmsUri),
            ["audiences"] = document.Groups.Select(group => group.PartnerAudience),
            ["implicit"] = document.ImplicitAffiliations,
            ["calls"] = document.PrivateCalls.Select(contact => contact.Uri),
            ["callkms"] = document.PrivateCalls.Select(contact => contact.KmsUri),
            ["n2"] = document.MaxAffiliations,
            ["n6"] = document.MaxSimultaneousCalls,
        });

    [Theory]
    [InlineData(McServiceKind.Mcptt, "mcptt_ue_config.json")]
    [InlineData(McServiceKind.McVideo, "mcvideo_ue_config.json")]
    public void UE_configurations_are_read_and_written(McServiceKind kind, string file) => DocumentVector.Check(
        file, octets => UeConfiguration.Parse(McServiceNames.Of(kind), octets), document => document.Write(), document => new()
        {
            ["domain"] = document.Domain,
            ["ids"] = document.InstanceIds,
            ["limits"] = new[] { document.MaxPrivateCalls, document.MaxGroupCalls, document.MaxTransmissions },
            ["priorities"] = document.GroupPriorities.Select(group => $"{group.GroupUri} {group.Priority}"),
            ["ipv6"] = document.Ipv6Preferred,
            ["relay"] = document.RelayService,
        });

    [Fact]
    public void What_is_written_is_read_for_every_service()
    {
        UeInitialConfiguration initial = UeInitialConfiguration.Parse(Documents.UeInitial.Write());
        initial.Write().ShouldBe(Documents.UeInitial.Write());
        initial.HomeNetwork.ShouldBe(Documents.UeInitial.HomeNetwork);
        initial.Timers.ShouldBe(Documents.UeInitial.Timers);
        initial.Name.ShouldBe("Fleet & co");
        foreach (McServiceNames service in McServiceNames.All)
        {
            UserProfile profile = UserProfile.Parse(service, Documents.Profile(service).Write());
            profile.Write().ShouldBe(Documents.Profile(service).Write());
            profile.Groups.ShouldBe(Documents.Profile(service).Groups);
            profile.PrivateCalls.ShouldBe(Documents.Profile(service).PrivateCalls);
            profile.ImplicitAffiliations.ShouldBe(Documents.Profile(service).ImplicitAffiliations);
            UeConfiguration ue = UeConfiguration.Parse(service, Documents.Ue(service).Write());
            ue.Write().ShouldBe(Documents.Ue(service).Write());
            ue.GroupPriorities.ShouldBe(Documents.Ue(service).GroupPriorities);
            ServiceConfiguration.Parse(service, Documents.Service(service).Write()).ShouldBe(Documents.Service(service));
        }
    }

    [Fact]
    public void Limits_of_MCData_are_not_written() => Should.Throw<ArgumentException>(() =>
        (Documents.Ue(McServiceNames.McData) with { MaxGroupCalls = 1 }).Write());
}

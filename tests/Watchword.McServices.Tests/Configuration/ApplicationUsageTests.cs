using Watchword.McServices.Configuration;
using Watchword.McServices.Info;

namespace Watchword.McServices.Tests.Configuration;

public sealed class ApplicationUsageTests
{
    [Theory]
    [InlineData(0, "org.3gpp.mcptt.ue-init-config", "application/vnd.3gpp.mcptt-ue-init-config+xml",
        "mcptt-UE-initial-configuration", "urn:3gpp:mcptt:mcpttUEinitConfig:1.0")]
    [InlineData(1, "org.3gpp.mcptt.ue-config", "application/vnd.3gpp.mcptt-ue-config+xml",
        "mcptt-UE-configuration", "urn:3gpp:mcptt:mcpttUEConfig:1.0")]
    [InlineData(2, "org.3gpp.mcptt.user-profile", "application/vnd.3gpp.mcptt-user-profile+xml",
        "mcptt-user-profile", "urn:3gpp:mcptt:user-profile:1.0")]
    [InlineData(3, "org.3gpp.mcptt.service-config", "application/vnd.3gpp.mcptt-service-config+xml",
        "service-configuration-info", "urn:3gpp:ns:mcpttServiceConfig:1.0")]
    [InlineData(4, "org.3gpp.mcvideo.ue-config", "application/vnd.3gpp.mcvideo-ue-config+xml",
        "mcvideo-UE-configuration", "urn:3gpp:mcvideo:mcvideoUEConfig:1.0")]
    [InlineData(5, "org.3gpp.mcvideo.user-profile", "application/vnd.3gpp.mcvideo-user-profile+xml",
        "mcvideo-user-profile", "urn:3gpp:ns:mcvideo:user-profile:1.0")]
    [InlineData(6, "org.3gpp.mcvideo.service-config", "application/vnd.3gpp.mcvideo-service-config+xml",
        "service-configuration-info", "urn:3gpp:ns:mcvideoServiceConfig:1.0")]
    [InlineData(7, "org.3gpp.mcdata.ue-config", "application/vnd.3gpp.mcdata-ue-config+xml",
        "mcdata-UE-configuration", "urn:3gpp:mcdata:mcdataUEConfig:1.0")]
    [InlineData(8, "org.3gpp.mcdata.user-profile", "application/vnd.3gpp.mcdata-user-profile+xml",
        "mcdata-user-profile", "urn:3gpp:mcdata:user-profile:1.0")]
    [InlineData(9, "org.3gpp.mcdata.service-config", "application/vnd.3gpp.mcdata-service-config+xml",
        "service-configuration-info", "urn:3gpp:ns:mcdataServiceConfig:1.0")]
    [InlineData(10, "org.openmobilealliance.groups", "application/vnd.oma.poc.groups+xml",
        "group", "urn:oma:xml:poc:list-service")]
    public void The_table_of_usages(int at, string auid, string mediaType, string root, string namespaceUri)
    {
        ApplicationUsage usage = ApplicationUsage.All[at];
        (usage.Auid, usage.MediaType, usage.Root, usage.Namespace).ShouldBe((auid, mediaType, root, namespaceUri));
        usage.NeedsToken.ShouldBe(at != 0);
        ApplicationUsage.OfAuid(auid).ShouldBe(usage);
        ApplicationUsage.All.Count.ShouldBe(11);
        ApplicationUsage.Configurations.Count.ShouldBe(10);
    }

    [Theory]
    [InlineData("org.3gpp.mcptt.ue-init-config", "urn:uuid:1", "urn:uuid:1",
        "org.3gpp.mcptt.ue-init-config/users/urn:uuid:1/urn:uuid:1")]
    [InlineData("org.3gpp.mcptt.user-profile", "sip:a b@c", "mcptt-user-profile-1.xml",
        "org.3gpp.mcptt.user-profile/users/sip:a%20b@c/mcptt-user-profile-1.xml")]
    [InlineData("org.3gpp.mcdata.user-profile", "tel:+1", "mcdata-user-profile-255.xml",
        "org.3gpp.mcdata.user-profile/users/tel:%2B1/mcdata-user-profile-255.xml")]
    [InlineData("org.openmobilealliance.groups", "sip:a@b", "g/1", null)]
    [InlineData("org.openmobilealliance.groups", "..", "g", null)]
    [InlineData("org.openmobilealliance.groups", "", "g", null)]
    [InlineData("org.3gpp.mcptt.user-profile", "sip:a@b", "mcptt-user-profile-01.xml", null)]
    [InlineData("org.3gpp.mcptt.user-profile", "sip:a@b", "mcptt-user-profile-256.xml", null)]
    [InlineData("org.3gpp.mcptt.user-profile", "sip:a@b", "mcptt-user-profile-.xml", null)]
    [InlineData("org.3gpp.mcptt.user-profile", "sip:a@b", "mcvideo-user-profile-1.xml", null)]
    [InlineData("org.3gpp.mcptt.service-config", "sip:a@b", "service-config.xml", null)]
    public void Documents_of_users(string auid, string xui, string name, string? path)
    {
        ApplicationUsage usage = ApplicationUsage.OfAuid(auid)!;
        if (path is null)
        {
            Should.Throw<ArgumentException>(() => usage.UserPath(xui, name));
            return;
        }

        usage.UserPath(xui, name).ShouldBe(path);
    }

    [Theory]
    [InlineData("org.3gpp.mcptt.service-config", "service-config.xml", "org.3gpp.mcptt.service-config/global/service-config.xml")]
    [InlineData("org.3gpp.mcvideo.service-config", "mcvideo-service-config.xml",
        "org.3gpp.mcvideo.service-config/global/service-config.xml")]
    [InlineData("org.3gpp.mcdata.service-config", "fire|service-config.xml",
        "org.3gpp.mcdata.service-config/global/fire/service-config.xml")]
    [InlineData("org.openmobilealliance.groups", "byGroupID|sip:g@b", "org.openmobilealliance.groups/global/byGroupID/sip:g@b")]
    [InlineData("org.openmobilealliance.groups", "bygroupid|sip:g@b", null)]
    [InlineData("org.openmobilealliance.groups", "byGroupID", null)]
    [InlineData("org.3gpp.mcptt.service-config", "a|b|service-config.xml", null)]
    [InlineData("org.3gpp.mcptt.service-config", "..|service-config.xml", null)]
    [InlineData("org.3gpp.mcptt.service-config", "mcvideo-service-config.xml", null)]
    [InlineData("org.3gpp.mcptt.user-profile", "mcptt-user-profile-1.xml", null)]
    public void Global_documents(string auid, string segments, string? path)
    {
        ApplicationUsage usage = ApplicationUsage.OfAuid(auid)!;
        if (path is null)
        {
            Should.Throw<ArgumentException>(() => usage.GlobalPath(segments.Split('|')));
            return;
        }

        usage.GlobalPath(segments.Split('|')).ShouldBe(path);
    }

    [Fact]
    public void Names_of_user_profiles()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.McVideo);
        usage.ProfileName(12).ShouldBe("mcvideo-user-profile-12.xml");
        usage.ProfileIndex("mcvideo-user-profile-12.xml").ShouldBe(12);
        usage.ProfileIndex("mcvideo-user-profile-+1.xml").ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => usage.ProfileName(256));
        Should.Throw<InvalidOperationException>(() => ApplicationUsage.Groups.ProfileName(1));
        ApplicationUsage.Groups.ProfileIndex("a").ShouldBeNull();
        ApplicationUsage.OfAuid("ORG.3gpp.mcptt.ue-config").ShouldBeNull();
    }
}

using Watchword.Hosting;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.GroupManagement;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Tests.Groups.Support;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>What network entities may do that a trusted peer asserts (TS 24.481 6.2; TS 24.482 A.2.3).</summary>
public sealed class GroupEntityTests
{
    private const string Server = "sip:mcx@lab.example";
    private const string Provisioning = "sip:provisioning@lab.example";

    private static readonly XcapTarget Target = new(
        ApplicationUsage.Groups, DocumentSelector.OfGlobal(ApplicationUsage.Groups.Auid, ApplicationUsage.ByGroupId, GroupHost.Group));

    [Theory]
    [InlineData(Server, ServicesError.None, ServicesError.WriteNotAllowed, ServicesError.WriteNotAllowed)]
    [InlineData(Provisioning, ServicesError.None, ServicesError.None, ServicesError.None)]
    [InlineData(
        "sip:other@lab.example", ServicesError.EntityNotAuthorised, ServicesError.EntityNotAuthorised,
        ServicesError.EntityNotAuthorised)]
    public void Servers_read_and_administrators_write(string uri, ServicesError read, ServicesError write, ServicesError delete)
    {
        GroupManagementSettings settings = Settings();
        ServicesError Judge(XcapOperation operation, GroupDocument? group)
        {
            Sender sender = Sender.Asserted(uri);
            ServicesError first = GroupAccess.Judge(settings, sender, operation, Target);
            return first != ServicesError.None ? first : GroupAccess.Judge(settings, sender, operation, Target, group);
        }

        GroupDocument group = GroupHost.Document("alice");
        Judge(XcapOperation.Read, group).ShouldBe(read);
        Judge(XcapOperation.Write, group).ShouldBe(write);
        Judge(XcapOperation.Write, null).ShouldBe(write, "making one by its identity");
        Judge(XcapOperation.Delete, group).ShouldBe(delete);
        GroupAccess.MayReadMembers(settings, Sender.Asserted(uri), group).ShouldBe(read == ServicesError.None);
    }

    [Fact]
    public void Nobody_is_refused() =>
        GroupAccess.Judge(Settings(), null, XcapOperation.Read, Target).ShouldBe(ServicesError.SenderUnknown);

    [Fact]
    public void Faults_of_the_configuration_are_named()
    {
        ConfigurationFaults faults = new();
        _ = GroupManagementSettings.Read(
            new GroupManagementOptions
            {
                Enabled = true,
                Audience = GroupHost.Audience,
                XcapRoot = "https://localhost/gms",
                GroupCreationXuis = ["nobody"],
                GroupIdDomains = ["no host"],
                KeyMaximumAge = TimeSpan.FromMinutes(1),
                KeyOverlap = TimeSpan.FromDays(8),
                RevocationRetention = TimeSpan.Zero,
            },
            faults);
        foreach (string name in (string[])["GroupCreationXuis", "GroupIdDomains", "KeyMaximumAge", "KeyOverlap", "RevocationRetention"])
        {
            faults.Describe().ShouldContain("Services:Groups:" + name);
        }
    }

    private static GroupManagementSettings Settings()
    {
        ConfigurationFaults faults = new();
        GroupManagementSettings settings = GroupManagementSettings.Read(
            new GroupManagementOptions
            {
                Enabled = true,
                Audience = GroupHost.Audience,
                XcapRoot = "https://localhost/gms",
                AuthorisedServers = [Server],
                Administrators = [Provisioning],
            },
            faults)!;
        faults.Any.ShouldBeFalse(faults.Describe());
        return settings;
    }
}

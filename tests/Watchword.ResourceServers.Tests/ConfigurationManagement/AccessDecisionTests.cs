using Watchword.Hosting;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.ConfigurationManagement;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.Tests.ConfigurationManagement;

/// <summary>The decision for network entities and for nobody, row by row; tokens are judged over HTTP in the suite.</summary>
public sealed class AccessDecisionTests
{
    private const string Server = "sip:server@x";
    private const string Administrator = "sip:admin@x";

    private static readonly ConfigurationManagementSettings Settings = Read();

    private static readonly XcapTarget Profile = new(
        ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.Mcptt),
        DocumentSelector.OfUser("org.3gpp.mcptt.user-profile", "sip:alice@x", "mcptt-user-profile-1.xml"));

    private static readonly XcapTarget Initial = new(
        ApplicationUsage.UeInitialConfiguration, DocumentSelector.OfUser("org.3gpp.mcptt.ue-init-config", "urn:uuid:1", "ue"));

    private static readonly XcapTarget Global = new(
        ApplicationUsage.Of(DocumentKind.ServiceConfiguration, McServiceKind.McData),
        DocumentSelector.OfGlobal("org.3gpp.mcdata.service-config", "service-config.xml"));

    public static TheoryData<string?, int, int, int> Rows => new()
    {
        // Who, what, with which document, and what becomes of it.
        { null, 0, 0, (int)ServicesError.SenderUnknown },
        { null, 0, 2, (int)ServicesError.SenderUnknown },
        { null, 0, 1, 0 },
        { null, 1, 1, (int)ServicesError.SenderUnknown },
        { null, 2, 1, (int)ServicesError.SenderUnknown },
        { Server, 0, 0, 0 },
        { Server, 0, 2, 0 },
        { Server, 1, 0, (int)ServicesError.WriteNotAllowed },
        { Server, 2, 2, (int)ServicesError.WriteNotAllowed },
        { Administrator, 0, 0, 0 },
        { Administrator, 1, 0, 0 },
        { Administrator, 1, 1, 0 },
        { Administrator, 2, 2, 0 },
        { "sip:stranger@x", 0, 0, (int)ServicesError.EntityNotAuthorised },
        { "sip:stranger@x", 0, 1, 0 },
        { "SIP:server@x", 0, 0, (int)ServicesError.EntityNotAuthorised },
        { "sip:Server@x", 1, 0, (int)ServicesError.EntityNotAuthorised },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Network_entities_may_what_the_lists_say(string? entity, int operation, int document, int expected)
    {
        XcapTarget target = document switch { 0 => Profile, 1 => Initial, _ => Global };
        ConfigurationAccess.Judge(Settings, entity is null ? null : Sender.Asserted(entity), (XcapOperation)operation, target)
            .ShouldBe((ServicesError)expected);
    }

    [Fact]
    public void A_usage_that_names_a_service_is_opened_by_that_one_alone()
    {
        ConfigurationAccess.ServicesOf(Profile.Usage).ShouldBe([McService.Mcptt]);
        ConfigurationAccess.ServicesOf(Global.Usage).ShouldBe([McService.McData]);
        ConfigurationAccess.ServicesOf(Initial.Usage).ShouldBe(AnnexB.Services);
    }

    private static ConfigurationManagementSettings Read()
    {
        ConfigurationFaults faults = new();
        ConfigurationManagementSettings settings = ConfigurationManagementSettings.Read(
            new ConfigurationManagementOptions
            {
                Enabled = true,
                Audience = "cms",
                XcapRoot = "https://x/cms",
                AuthorisedServers = [Server],
                Administrators = [Administrator],
            },
            faults)!;
        faults.Any.ShouldBeFalse(faults.Describe());
        return settings;
    }
}

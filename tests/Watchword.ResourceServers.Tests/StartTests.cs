using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Tests.Support;

namespace Watchword.ResourceServers.Tests;

/// <summary>Start, health and configuration of the services.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_server_that_has_started_is_ready_and_says_nothing_else()
    {
        await using ServicesHost host = await ServicesHost.StartAsync(null);
        Answer ready = await host.GetAsync("/health/ready", null);
        (ready.Status, ready.Text.Contains("\"database\":\"ok\"", StringComparison.Ordinal)).ShouldBe((200, true));
        (await host.GetAsync("/health/live", null)).Status.ShouldBe(200);
        (await host.GetAsync("/", null)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_service_that_is_off_maps_nothing()
    {
        await using ServicesHost host = await ServicesHost.StartAsync(null);
        (await host.GetAsync("/gms/org.openmobilealliance.groups/global/byGroupID/sip:g@x", host.Administrator())).Status.ShouldBe(404);
    }

    [Fact]
    public async Task All_faults_of_the_configuration_are_named_at_once()
    {
        await using ServicesHost host = ServicesHost.NotStarted(
            ("Services:Listen:0", "http://127.0.0.1:0"),
            ("Services:Configuration:Audience", ""),
            ("Services:Configuration:XcapRoot", "http://x/cms"),
            ("Services:Configuration:AuthorisedServers:0", "not a URI"),
            ("Services:Configuration:UsersMayWrite:0", "org.3gpp.mcptt.service-config"),
            ("Services:Configuration:MaxDocumentOctets", "5"),
            ("Services:Configuration:Unknown", "1"));
        string message = Should.Throw<ServicesConfigurationException>(host.CreateApplication).Message;
        foreach (string option in (string[])
            ["Listen:0", "Configuration:Audience", "XcapRoot", "AuthorisedServers:0", "UsersMayWrite", "MaxDocumentOctets", "Unknown"])
        {
            message.ShouldContain(option);
        }
    }

    [Fact]
    public async Task Two_services_may_not_share_an_audience_or_a_root()
    {
        await using ServicesHost host = ServicesHost.NotStarted(
            ("Services:Groups:Enabled", "true"),
            ("Services:Groups:Audience", ServicesHost.CmsAudience),
            ("Services:Groups:XcapRoot", "https://localhost:0/cms"));
        string message = Should.Throw<ServicesConfigurationException>(host.CreateApplication).Message;
        message.ShouldContain("Audience");
        message.ShouldContain("Services:Groups:XcapRoot");
    }
}

using Microsoft.Extensions.Configuration;
using Watchword.Hosting;
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
        (await host.GetAsync(
            "/gms/org.openmobilealliance.groups/global/byGroupID/sip:g@x", host.Administrator())).Status.ShouldBe(404);
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
            ("Services:Configuration:SubscriptionUri", "tel:+1234"),
            ("Services:Configuration:Unknown", "1"),
            ("Authorization:Audience", ""));
        string message = Should.Throw<ServerConfigurationException>(host.CreateApplication).Message;
        foreach (string option in (string[])
            ["Listen:0", "Configuration:Audience", "XcapRoot", "AuthorisedServers:0", "UsersMayWrite", "MaxDocumentOctets",
                "SubscriptionUri", "Unknown", "Authorization:Audience"])
        {
            message.ShouldContain(option);
        }
    }

    [Fact]
    public async Task What_is_wrong_with_the_data_directory_is_a_fault_of_the_configuration()
    {
        await using ServicesHost host = ServicesHost.NotStarted();
        string data = Directory.CreateDirectory(Path.Combine(host.Directory, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "installation"), "lab", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        }

        string message = Should.Throw<ServerConfigurationException>(host.CreateApplication).Message;
        message.ShouldContain($"Services:DataDirectory names {data}, which others can enter");
        message.ShouldContain($"Services:DataDirectory names {data}, which a lab made");
    }

    [Fact]
    public async Task Two_services_may_not_share_an_audience_a_root_or_a_URI_for_SUBSCRIBE()
    {
        await using ServicesHost host = ServicesHost.NotStarted(
            ("Services:Groups:Enabled", "true"),
            ("Services:Groups:Audience", ServicesHost.CmsAudience),
            ("Services:Groups:XcapRoot", "https://localhost:0/cms"),
            ("Services:Configuration:SubscriptionUri", "sip:psi@x"),
            ("Services:Groups:SubscriptionUri", "sip:psi@X"));
        string message = Should.Throw<ServerConfigurationException>(host.CreateApplication).Message;
        message.ShouldContain("Audience");
        message.ShouldContain("Services:Groups:XcapRoot");
        message.ShouldContain("Services:Groups:SubscriptionUri");
    }

    [Fact]
    public void The_example_starts_only_when_every_placeholder_is_replaced()
    {
        IConfigurationRoot example = new ConfigurationBuilder()
            .AddJsonFile(RepositoryRoot.PathOf("deploy", "config", "services.appsettings.json")).Build();
        string[] placeholders = [.. example.AsEnumerable()
            .Where(entry => entry.Value?.Contains(OptionsReader.Placeholder, StringComparison.Ordinal) is true)
            .Select(entry => entry.Key)];
        placeholders.Length.ShouldBeGreaterThan(7);
        ConfigurationFaults found = new();
        ServicesSettings.Read(example, TimeProvider.System.GetUtcNow(), found);
        found.Found.Where(fault => fault.Problem.Contains("placeholder", StringComparison.Ordinal)).Select(fault => fault.Option)
            .ShouldBe(placeholders, ignoreOrder: true);
        found.Found.ShouldNotContain(fault => fault.Problem.Contains("no option", StringComparison.Ordinal)
            || fault.Problem.Contains("no section", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_verb_is_2_and_a_bad_configuration_1()
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await ServicesCommands.RunAsync(["walk"], output, errors)).ShouldBe(2);
        (await ServicesCommands.RunAsync(["check-config"], output, errors)).ShouldBe(1);
        output.ToString().ShouldContain("Services:Listen names no URL");
        (await ServicesCommands.RunAsync(["run"], output, errors)).ShouldBe(1);
        errors.ToString().ShouldContain("Services:Listen names no URL");
    }
}

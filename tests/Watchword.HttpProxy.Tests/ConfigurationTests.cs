using Microsoft.Extensions.Configuration;
using Watchword.Hosting;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Tests.Support;

namespace Watchword.HttpProxy.Tests;

/// <summary>What the operator may write, and what is written about it.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Proxy:UeAuthentication:Method", "PreSharedKey", "Proxy:UeAuthentication:Method")]
    [InlineData("Proxy:UeAuthentication:Method", "MutualCertificate", "Proxy:UeAuthentication")]
    [InlineData("Proxy:UeAuthentication:CaFile", "/nowhere", "Proxy:UeAuthentication")]
    [InlineData("Proxy:Servers:0:Destinations:0", "http://kms.internal.example", "Proxy:Servers:0:Destinations:0")]
    [InlineData("Proxy:Servers:0:Destinations:0", "https://kms.internal.example/path", "Proxy:Servers:0:Destinations:0")]
    [InlineData("Proxy:Servers:0:Destinations:0", "https://idm.home.example", "Proxy:Servers:0:Destinations")]
    [InlineData("Proxy:Servers:0:Trust:CaFile", null, "Proxy:Servers:0:Trust")]
    [InlineData("Proxy:Servers:0:Trust:CaFile", "/nowhere", "Proxy:Servers:0:Trust:CaFile")]
    [InlineData("Proxy:Servers:0:Trust:Thumbprints:0", "abc", "Proxy:Servers:0:Trust:Thumbprints:0")]
    [InlineData("Proxy:Servers:0:PathPrefixes:0", "keymanagement", "Proxy:Servers:0:PathPrefixes:0")]
    [InlineData("Proxy:Servers:0:PathPrefixes:0", "/a/../b", "Proxy:Servers:0:PathPrefixes:0")]
    [InlineData("Proxy:Servers:0:PathPrefixes:0", "/groups", "Proxy:Servers:1")]
    [InlineData("Proxy:Servers:0:Name", "gms", "Proxy:Servers:1:Name")]
    [InlineData("Proxy:Servers:0:Nmae", "kms", "Proxy:Servers:0:Nmae")]
    [InlineData("Proxy:Partners:0:PublicUrls:0", "https://services.home.example", "Proxy:Partners:0:PublicUrls")]
    [InlineData("Proxy:PublicUrls:1", "https://idm.home.example", "Proxy:PublicUrls")]
    [InlineData("Proxy:ClientCertificate:KeyFile", "/nowhere", "Proxy:ClientCertificate:KeyFile")]
    [InlineData("Proxy:Limits:BodyOctets", "0", "Proxy:Limits:BodyOctets")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:80", "Kestrel")]
    public async Task A_fault_is_named_by_its_option(string key, string? value, string option)
    {
        await using Parts parts = await Parts.CreateAsync();
        Find(parts.Settings()).Any.ShouldBeFalse(Find(parts.Settings()).Describe());
        Dictionary<string, string?> settings = parts.Settings();
        settings[key] = value;
        Find(settings).Found.Where(fault => fault.Severity == FaultSeverity.Fault).Select(fault => fault.Option).ShouldContain(option);
    }

    [Fact]
    public async Task Ues_and_network_entities_have_no_destination_in_common_where_the_header_is_believed()
    {
        await using Parts parts = await Parts.CreateAsync();
        Dictionary<string, string?> settings = parts.Settings();
        settings["Proxy:Servers:1:Destinations:0"] = settings["Proxy:Servers:0:EntityDestinations:0"];
        Find(settings).Describe().ShouldContain("EntityDestinations");
        settings = parts.Settings();
        settings.Remove("Proxy:ClientCertificate:CertificateFile");
        settings.Remove("Proxy:ClientCertificate:KeyFile");
        Find(settings).Describe().ShouldContain("Proxy:ClientCertificate");
    }

    [Fact]
    public void The_example_starts_only_when_every_placeholder_is_replaced()
    {
        IConfigurationRoot example = new ConfigurationBuilder()
            .AddJsonFile(RepositoryRoot.PathOf("deploy", "config", "proxy.appsettings.json")).Build();
        string[] placeholders = [.. example.AsEnumerable()
            .Where(entry => entry.Value?.Contains(OptionsReader.Placeholder, StringComparison.Ordinal) is true)
            .Select(entry => entry.Key)];
        placeholders.Length.ShouldBeGreaterThan(7);
        ConfigurationFaults found = ConfigurationCheck.Find(example, ports: false, TimeProvider.System);
        found.Found.Where(fault => fault.Problem.Contains("placeholder", StringComparison.Ordinal)).Select(fault => fault.Option)
            .ShouldBe(placeholders, ignoreOrder: true);
        found.Found.ShouldNotContain(fault => fault.Problem.Contains("no option", StringComparison.Ordinal)
            || fault.Problem.Contains("no section", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_of_errors_has_every_error_as_it_is_told()
    {
        string[] expected = [.. Enum.GetValues<ProxyError>().Where(error => error != ProxyError.None).Order().Select(error =>
            ProxyErrorText.Of(error) is var text
                ? $"| {(int)error} | `{error}` | {text.Cause} | {text.Clause} | {text.NextStep} |"
                : string.Empty)];
        File.ReadAllLines(RepositoryRoot.PathOf("docs", "errors", "proxy.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2])).ShouldBe(expected);
    }

    [Fact]
    public async Task An_unknown_verb_is_2_and_a_bad_configuration_1()
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await ProxyCommands.RunAsync(["walk"], output, errors)).ShouldBe(2);
        (await ProxyCommands.RunAsync(["check-config"], output, errors)).ShouldBe(1);
        output.ToString().ShouldContain("Proxy:Listen names no URL");
        (await ProxyCommands.RunAsync(["run"], output, errors)).ShouldBe(1);
        errors.ToString().ShouldContain("Proxy:Listen names no URL");
    }

    private static ConfigurationFaults Find(Dictionary<string, string?> settings) => ConfigurationCheck.Find(
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), ports: false, TimeProvider.System);
}

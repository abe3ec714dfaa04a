using Microsoft.Extensions.Configuration;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class AssertedIdentityConfigurationTests
{
    private const string Section = "Kms:AssertedIdentity:";

    private static readonly string _thumbprint = new('a', 64);

    [Fact]
    public async Task Without_the_section_there_is_no_listener_for_it()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        KmsSettings.Read(Configuration(host)).AssertedIdentity.ShouldBeNull();
    }

    [Fact]
    public async Task A_good_section_is_accepted_in_either_case_of_the_thumbprint()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        KmsSettings settings = KmsSettings.Read(Configuration(host, ("Peers:0:Thumbprint", new string('A', 64)), Listen, Uri));
        settings.AssertedIdentity!.Listen.Single().Port.ShouldBe(7402);
    }

    [Fact]
    public async Task Every_fault_is_listed_and_none_holds_an_identity()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        KmsException fault = Should.Throw<KmsException>(() => KmsSettings.Read(Configuration(
            host,
            ("Listen:0", "http://127.0.0.1:7402"),
            ("Peers:0:Thumbprint", _thumbprint[1..]),
            ("Peers:0:EntityUris:0", "mailto:secret@mc.test.example"),
            ("Peers:1:Thumbprint", _thumbprint),
            ("Peers:2:Thumbprint", _thumbprint),
            ("Peers:2:EntityUris:0", "sip:secret@mc.test.example"),
            ("Peers:2:EntityUris:1", "sip:secret@mc.test.example"),
            ("Peers:3:Thumbprint", new string('g', 64)),
            ("Peers:3:EntityUris:0", "sip:secret@mc.test.example"))));
        fault.Error.ShouldBe(KmsError.ConfigurationInvalid);
        foreach (string part in new[]
        {
            "Listen:0 is not an https URL", "Peers:0:Thumbprint is not", "Peers:0:EntityUris:0 is not",
            "Peers:1:EntityUris names no URI", "Peers:2:Thumbprint stands there twice",
            "Peers:2:EntityUris:1 stands there twice", "Peers:3:Thumbprint is not",
        })
        {
            fault.Message.ShouldContain(Section + part);
        }

        fault.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_section_without_listeners_or_peers_is_refused()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        FaultOf(host, Listen).ShouldContain("Kms:AssertedIdentity:Peers names no peer");
        FaultOf(host, Peer, Uri).ShouldContain("Kms:AssertedIdentity:Listen names no URL");
        FaultOf(host, Listen, Peer, Uri, ("Peer:0:Thumbprint", _thumbprint))
            .ShouldContain("Kms:AssertedIdentity:Peer is no option");
    }

    [Theory]
    [InlineData("https://127.0.0.1:7401", "https://127.0.0.1:7401", true)]
    [InlineData("https://127.0.0.1:7401", "https://0.0.0.0:7401", true)]
    [InlineData("https://[::]:7401", "https://10.0.0.1:7401", true)]
    [InlineData("https://*:7401", "https://10.0.0.1:7401", true)]
    [InlineData("https://kms.test.example:7401", "https://10.0.0.1:7401", true)]
    [InlineData("https://localhost:7401", "https://[::1]:7401", true)]
    [InlineData("https://localhost:7401", "https://LOCALHOST:7401", true)]
    [InlineData("https://127.0.0.1:7401", "https://[::ffff:127.0.0.1]:7401", true)]
    [InlineData("https://10.0.0.1:7401", "https://10.0.0.2:7401", false)]
    [InlineData("https://localhost:7401", "https://10.0.0.2:7401", false)]
    [InlineData("https://0.0.0.0:7401", "https://0.0.0.0:7402", false)]
    [InlineData("https://127.0.0.1:0", "https://127.0.0.1:0", false)]
    public async Task A_listener_is_never_both(string ordinary, string asserted, bool overlap)
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        IConfiguration configuration = Configuration(host, ("Listen:0", asserted), Peer, Uri);
        configuration["Kms:Listen:0"] = ordinary;
        if (overlap)
        {
            Should.Throw<KmsException>(() => KmsSettings.Read(configuration)).Message.ShouldContain("overlaps with Kms:Listen");
        }
        else
        {
            KmsSettings.Read(configuration).AssertedIdentity.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Two_listeners_for_it_do_not_overlap_either()
    {
        await using KmsHost host = KmsHost.WithoutDomain();
        FaultOf(host, Listen, ("Listen:1", "https://0.0.0.0:7402"), Peer, Uri).ShouldContain("overlaps with another entry");
    }

    private static (string, string) Listen => ("Listen:0", "https://127.0.0.1:7402");

    private static (string, string) Peer => ("Peers:0:Thumbprint", _thumbprint);

    private static (string, string) Uri => ("Peers:0:EntityUris:0", "sip:mcx-server@mc.test.example");

    private static string FaultOf(KmsHost host, params (string Key, string Value)[] section) =>
        Should.Throw<KmsException>(() => KmsSettings.Read(Configuration(host, section))).Message;

    private static IConfiguration Configuration(KmsHost host, params (string Key, string Value)[] section)
    {
        Dictionary<string, string?> settings = host.Settings();
        foreach ((string key, string value) in section)
        {
            settings[Section + key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
    }
}

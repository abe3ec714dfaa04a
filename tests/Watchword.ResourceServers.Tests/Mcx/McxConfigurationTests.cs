using Watchword.Hosting;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Everything that is wrong with the configuration is said at once.</summary>
public sealed class McxConfigurationTests
{
    [Fact]
    public void Every_fault_of_the_MCX_server_is_named()
    {
        McxOptions options = new()
        {
            WarnHost = "two words",
            MinExpires = TimeSpan.Zero,
            MaxExpires = TimeSpan.FromMinutes(1),
            Services =
            [
                new McxServiceOptions { Service = "MCPTT", Psis = ["tel:+1"], MaxClients = 0, MaxAffiliations = 0 },
                new McxServiceOptions { Service = "mcptt", Psis = ["sip:x@y"] },
                new McxServiceOptions { Service = "MCWhat", Psis = ["sip:x@y"] },
            ],
            Profiles = new McxProfileOptions { XcapRoot = "http://cms.example", CaFile = "/nowhere/ca.pem", KeyFile = "/nowhere/key" },
            RedirectSigner = new McxSignerOptions { CertificateFile = "/nowhere/signer.pem", KeyFile = "/nowhere/signer.key" },
            Identities = [new EntityKeyOptions { Uri = "sip:a@b" }, new EntityKeyOptions { Uri = "sip:a@b" }],
        };

        string[] named = Named(faults => McxSettings.Check(options, faults));

        foreach (string option in (string[])[
            "WarnHost", "MinExpires", "MaxExpires", "DefaultExpires", "CskKeyFile", "Services:0:Psis", "Services:0:MaxClients",
                "Services:1:Service",
            "Services:0:MaxAffiliations", "Profiles:XcapRoot", "Profiles:AssertedIdentity", "Profiles:CaFile", "Profiles:CertificateFile",
            "RedirectSigner:KeyFile", "RedirectSigner:CertificateFile", "Services:2:Service", "Identities", "Identities:0:Idm", "Identities:1:CredentialFile"])
        {
            named.ShouldContain($"Services:Mcx:{option}");
        }

        Named(faults => McxSettings.Check(new McxOptions(), faults)).ShouldContain("Services:Mcx:Services");
        Named(faults => McxSettings.Check(new McxOptions(), faults)).ShouldContain("Services:Mcx:Identities");
    }

    [Fact]
    public void A_key_file_of_another_size_or_that_others_can_read_is_a_fault()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[31]);
            Named(faults => McxSettings.Check(new McxOptions { CskKeyFile = path }, faults)).ShouldContain(
                "Services:Mcx:CskKeyFile");
            File.WriteAllBytes(path, new byte[32]);
            Named(faults => McxSettings.Check(new McxOptions { CskKeyFile = path }, faults)).ShouldNotContain(
                "Services:Mcx:CskKeyFile");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
                Named(faults => McxSettings.Check(new McxOptions { CskKeyFile = path }, faults)).ShouldContain(
                    "Services:Mcx:CskKeyFile");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:5060", false)]
    [InlineData("tcp://mcx.example.org:5060", false)]
    [InlineData("tcp://127.0.0.1:5060/path", false)]
    [InlineData("tcp://127.0.0.1:5060", true)]
    [InlineData("udp://[::1]:5060", true)]
    [InlineData("tls://10.0.0.1", true)]
    public void A_listener_is_a_transport_with_an_address(string listen, bool isGood)
    {
        SipOptions options = new()
        {
            Listen = [listen],
            Peers = [new SipPeerOptions { Name = "core", Networks = ["10.0.0.0/28"] }],
        };

        Named(faults => SipSettings.Check(options, faults)).ShouldBe(isGood ? [] : ["Services:Sip:Listen:0"]);
    }

    [Fact]
    public void Peers_are_known_by_something_and_the_core_over_TLS_by_its_certificate()
    {
        SipOptions options = new()
        {
            Listen = ["tcp://127.0.0.1:5060"],
            Peers = [new SipPeerOptions { Name = "core" }, new SipPeerOptions { Name = "core", Networks = ["here"], Burst = 1 }],
            Core = "tls://core.example.org",
        };

        string[] named = Named(faults => SipSettings.Check(options, faults));

        named.ShouldContain("Services:Sip:Peers:0");
        named.ShouldContain("Services:Sip:Peers:1:Networks");
        named.ShouldContain("Services:Sip:Peers:1:Burst");
        named.ShouldContain("Services:Sip:Peers");
        named.ShouldContain("Services:Sip:CoreCertificateSha256");
        Named(faults => SipSettings.Check(new SipOptions(), faults)).ShouldBe(
            ["Services:Sip:Listen", "Services:Sip:Peers"], ignoreOrder: true);
    }

    private static string[] Named(Action<ConfigurationFaults> check)
    {
        ConfigurationFaults faults = new();
        check(faults);
        return [.. faults.Found.Where(fault => fault.Severity == FaultSeverity.Fault).Select(fault => fault.Option)];
    }
}

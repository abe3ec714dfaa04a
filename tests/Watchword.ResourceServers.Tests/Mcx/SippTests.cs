using System.Text;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;
using Watchword.Sip.Tests;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>
/// A foreign SIP core, sipp, against the server for each row of the tables of service authorisation, over every transport (TLS
/// through socat) and for each service. The scenario files have names in braces, which a test fills in.
/// </summary>
public sealed class SippTests
{
    public static TheoryData<string, SipTransport, int> Scenarios
    {
        get
        {
            TheoryData<string, SipTransport, int> rows = [];
            foreach (string scenario in (string[])
                ["publish-authorisation", "publish-settings", "register", "publish-protected", "unavailable",
                    "subscribe-settings"])
            {
                // Every scenario over every transport, and each service among them.
                rows.Add(scenario, SipTransport.Udp, 0);
                rows.Add(scenario, SipTransport.Tcp, 1);
                rows.Add(scenario, SipTransport.Tls, 2);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_scenario_goes_through(string scenario, SipTransport transport, int service)
    {
        McServiceNames names = McServiceNames.All[service];
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(isKeyed: scenario != "unavailable", core: core.Destination);
        TestDomain partner = new("kms.partner.example");
        if (scenario == "publish-protected")
        {
            host.KeepPartner(partner.Certificate);
        }

        await using TestUe ue = TestUe.Create(host);
        Dictionary<string, string> values = Values(host, ue, names);
        if (scenario is "publish-protected" or "unavailable")
        {
            using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));
            using TestProtection other = await TestProtection.CreateAsync(host, UserIds.Of("bob", (McService)service));
            using TestProtection foreign = await TestProtection.CreateAsync(
                host, UserIds.Of("carol", (McService)service), domain: partner);
            Add(values, keys, other, foreign, ue, names);
        }

        string file = Path.Combine(host.Profile.Directory, scenario);
        await File.WriteAllTextAsync(file + ".xml", await FillAsync(scenario, values), TestContext.Current.CancellationToken);
        int port = host.Of(transport).Port;
        if (transport != SipTransport.Tls)
        {
            await Sipp.RunAsync(file, transport == SipTransport.Udp ? "u1" : "t1", port);
            return;
        }

        (int local, IDisposable socat) = await Sipp.StartTlsAsync(port, host.CoreCertificate());
        using (socat)
        {
            await Sipp.RunAsync(file, "t1", local);
        }
    }

    private static Dictionary<string, string> Values(McxHost host, TestUe ue, McServiceNames names)
    {
        McService service = (McService)(int)names.Kind;
        return new Dictionary<string, string>
        {
            ["user"] = ue.User,
            ["psi"] = McxHost.Psi(names),
            ["icsi"] = names.Icsi,
            ["tag"] = names.FeatureTags[0],
            ["prefix"] = names.Prefix,
            ["infoType"] = names.InfoMediaType,
            ["infoNamespace"] = names.InfoNamespace,
            ["id"] = ue.IdOf(names),
            ["otherId"] = UserIds.Of("bob", service),
            ["client"] = ue.ClientId,
            ["client2"] = "urn:uuid:second",
            ["client3"] = "urn:uuid:third",
            ["token"] = ue.Token,
            ["expired"] = host.Tokens.Create("alice", host.Now, ("exp", host.Now.AddSeconds(-31).ToUnixTimeSeconds())),
            ["otherScope"] = host.Tokens.Create("alice", host.Now, ("scope", McScopes.For(service, McResource.GroupManagement))),
            ["unreachable"] = host.Tokens.Create("alice", host.Now, ("iss", McxHost.UnreachableIssuer)),
        };
    }

    private static void Add(
        Dictionary<string, string> values, TestProtection keys, TestProtection other, TestProtection foreign, TestUe ue,
            McServiceNames names)
    {
        IReadOnlyList<SipBodyPart> parts = keys.Protect(ue, ue.Info(names));
        byte[] bent = keys.Message.ToArray();
        bent[^1] ^= 1;
        values["info"] = Base64(parts[0].Content);
        values["settings"] = Base64(parts[1].Content);
        values["settings2"] = Base64(ue.SettingsPart(9).Content);
        values["signatures"] = Base64(parts[2].Content);
        values["csk"] = Base64(parts[3].Content);
        values["bentCsk"] = Base64(bent);
        values["otherCsk"] = Base64(other.Message);
        values["partnerCsk"] = Base64(foreign.Message);
    }

    private static async Task<string> FillAsync(string scenario, Dictionary<string, string> values)
    {
        StringBuilder text = new(await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "sipp", scenario + ".xml"), TestContext.Current.CancellationToken));
        foreach ((string name, string value) in values)
        {
            text.Replace("{" + name + "}", value);
        }

        return text.ToString();
    }

    private static string Base64(ReadOnlyMemory<byte> octets) =>
        string.Join('\n', Convert.ToBase64String(octets.Span).Chunk(76).Select(line => "      " + new string(line))).TrimStart();
}

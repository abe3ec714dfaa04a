using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Profiles;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>Who gets which profile, what may be changed in it, rules in the shadow, faults of the configuration.</summary>
public sealed class ProfileSelectionTests
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    [Fact]
    public async Task A_client_goes_before_its_network_and_that_before_the_default()
    {
        await using KmsHost host = await KmsHost.StartAsync(
            ("Kms:Profiles:Default", "Strict"),
            ("Kms:Profiles:Networks:0:Network", "127.0.0.0/8"),
            ("Kms:Profiles:Networks:0:Profile", "Auto"),
            ("Kms:Profiles:Networks:1:Network", "127.0.0.1/32"),
            ("Kms:Profiles:Networks:1:Profile", "Kapsch2018"),
            ("Kms:Profiles:Clients:0:TokenClientId", "ue-?"),
            ("Kms:Profiles:Clients:0:Identity", "sip:alice*@mc.test.example"),
            ("Kms:Profiles:Clients:0:Profile", "Streamwide"),
            ("Kms:Profiles:Clients:1:ClientId", "phone-*"),
            ("Kms:Profiles:Clients:1:Profile", "Strict"));
        using QuirkMeter meter = new(host);
        byte[] named = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(host.Request(AnnexDPaths.Init)).Replace(
            "<ClientReqUrl>", "<ClientId>phone-7</ClientId><ClientReqUrl>", StringComparison.Ordinal));
        foreach ((string token, byte[]? body) in new (string, byte[]?)[]
        {
            (host.Token(("client_id", "ue-1")), null),
            (host.Token(("client_id", "ue-12")), null),
            (host.Token(
                ("client_id", "ue-1"), ("mcptt_id", "sip:bob@mc.test.example"), ("mcvideo_id", null), ("mcdata_id", null)), null),
            (host.Token(), named),
        })
        {
            using Answer answer = await host.PostAsync(
                AnnexDPaths.Init, token, body);
        }

        meter.Profiles.ShouldBe(["Streamwide Client", "Kapsch2018 Network", "Kapsch2018 Network", "Strict Client"]);
        host.Forget("Kms:Profiles:Networks");
        await host.StartAgainAsync();
        using QuirkMeter after = new(host);
        using Answer refused = await host.PostAsync(AnnexDPaths.Init, host.Token());
        refused.Error.ShouldBe(KmsError.MalformedRequest);
        after.Profiles.ShouldBe(["Strict Default"]);
    }

    [Fact]
    public async Task A_domain_may_have_a_default_of_its_own()
    {
        await using KmsHost host = await KmsHost.StartAsync(
            ("Kms:PublicBaseUrl", ""),
            ("Kms:Domains:0:KmsUri", KmsHost.KmsUri),
            ("Kms:Domains:0:PublicBaseUrls:0", "https://localhost:0"),
            ("Kms:Domains:0:DefaultProfile", "Strict"));
        using Answer refused = await host.PostAsync(AnnexDPaths.Init, host.Token());
        refused.Error.ShouldBe(KmsError.MalformedRequest);
    }

    [Fact]
    public async Task What_is_not_known_of_a_client_for_sure_can_be_changed()
    {
        await using KmsHost host = await KmsHost.StartAsync(
            ("Kms:Profiles:Default", "Kapsch2018"),
            ("Kms:Profiles:Kapsch2018:MediaType", "Negotiated"),
            ("Kms:Profiles:Kapsch2018:KeySets", "FirstOnly"),
            ("Kms:Profiles:Kapsch2018:UserIdEncoding", "Base64"),
            ("Kms:Profiles:Kapsch2018:MissingTokenStatus", "403"),
            ("Kms:Profiles:Kapsch2018:Namespace", "urn:example:kms"),
            ("Kms:Profiles:Kapsch2018:LenientLocalTime", "true"));
        using QuirkMeter meter = new(host);
        using Answer answer = await host.KeyProvAsync(host.Token());
        answer.ContentType.ShouldBe("application/xml; charset=utf-8");
        Encoding.UTF8.GetString(answer.Body).ShouldContain("xmlns=\"urn:example:kms\"");
        using KmsResponse response = KmsResponse.Parse(answer.Body, AnnexDReadOptions.Response with { Lenient = true });
        ((KmsKeyProv)response.Message!).KeySets.Select(keySet => keySet.UserUri).ShouldBe([Alice]);
        meter.Quirks.ShouldBe(["Q1 Kapsch2018", "Q6 Kapsch2018"]);
        using Answer none = await host.PostAsync(AnnexDPaths.Init, token: null);
        none.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData(null, KeyWrapProfile.KwpAsKw)]
    [InlineData(KeyWrapProfile.Kwp, KeyWrapProfile.Kwp)]
    public async Task Keys_are_wrapped_as_the_client_was_enrolled_or_else_as_its_profile_says(
        KeyWrapProfile? own, KeyWrapProfile expected)
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:Profiles:Default", "Kapsch2018"));
        TransportKeyDirectory keys = host.Services.GetRequiredService<KmsState>().TransportKeys;
        Authority officer = new("admin", "olga", "crypto officer");
        await keys.EnrolAsync(
            officer, new TransportKeyEnrolment(KmsHost.KmsUri, Alice, "kmc") { WrapProfile = own }, "c",
            TestContext.Current.CancellationToken);
        using TransportKeyFile file = await keys.ExportAsync(
            officer, KmsHost.KmsUri, Alice, "kmc", host.Address.ToString(), "c", TestContext.Current.CancellationToken);
        using ProtectedClient client = new(host, file);
        using QuirkMeter meter = new(host);
        using KmsResponse response = (await client.AskAsync(AnnexDPaths.KeyProv(Alice)))!;
        client.Unwrap(response).Single().UnwrappedFrom.ShouldBe(expected);
        meter.Quirks.Contains("Q9 Kapsch2018").ShouldBe(own is null);
    }

    [Fact]
    public async Task A_signed_request_is_held_to_what_was_signed_under_every_profile_and_in_the_shadow()
    {
        await using KmsHost host = await KmsHost.StartAsync(
            ("Kms:Profiles:Default", "Streamwide"),
            ("Kms:Shadow:RequestTime", "true"), ("Kms:Shadow:RequestUrl", "true"), ("Kms:Shadow:KmsUri", "true"));
        TransportKeyDirectory keys = host.Services.GetRequiredService<KmsState>().TransportKeys;
        Authority officer = new("admin", "olga", "crypto officer");
        await keys.EnrolAsync(
            officer, new TransportKeyEnrolment(KmsHost.KmsUri, Alice, "kmc"), "c", TestContext.Current.CancellationToken);
        using TransportKeyFile file = await keys.ExportAsync(
            officer, KmsHost.KmsUri, Alice, "kmc", host.Address.ToString(), "c", TestContext.Current.CancellationToken);
        using ProtectedClient client = new(host, file);
        string path = AnnexDPaths.KeyProv(Alice);
        foreach ((byte[] body, KmsError error) in new[]
        {
            (client.Sign(path, time: host.Time.GetUtcNow().AddHours(2)), KmsError.RequestTimeOutsideWindow),
            (client.Sign(path, url: "https://other.example" + path), KmsError.WrongRequestUrl),
            (client.Sign(path, kmsUri: "kms.other.example"), KmsError.WrongKmsUri),
        })
        {
            using Answer answer = await host.PostAsync(path, host.Token(), body);
            SignedKmsResponse.TryParse(answer.Body, null, out SignedKmsResponse? signed).ShouldBeTrue();
            client.Verify(answer).Error!.ErrorCode.ShouldBe((int)error);
        }
    }

    [Theory]
    [InlineData("RequestBody", KmsError.MalformedRequest)]
    [InlineData("Namespace", KmsError.MalformedRequest)]
    [InlineData("KmsUri", KmsError.WrongKmsUri)]
    [InlineData("RequestUrl", KmsError.WrongRequestUrl)]
    [InlineData("RequestTime", KmsError.RequestTimeOutsideWindow)]
    public async Task A_rule_in_the_shadow_counts_and_logs_what_it_would_refuse(string rule, KmsError error)
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:Profiles:Default", "Strict"));
        using Answer refused = await host.PostAsync(AnnexDPaths.Init, host.Token(), BodyAgainst(host, rule));
        refused.Error.ShouldBe(error);

        host.Change("Kms:Shadow:" + rule, "true");
        await host.StartAgainAsync();
        using QuirkMeter meter = new(host);
        for (int i = 0; i < 2; i++)
        {
            using Answer served = await host.PostAsync(AnnexDPaths.Init, host.Token(), BodyAgainst(host, rule));
            served.Status.ShouldBe(HttpStatusCode.OK);
        }

        meter.WouldRefuse.ShouldBe([$"{rule} {(int)error} Strict", $"{rule} {(int)error} Strict"]);
        host.LogText.Split('\n').Count(line => line.Contains($" 2451 Rule {rule} would refuse with {(int)error}",
            StringComparison.Ordinal)).ShouldBe(1);

        // The other rules stand.
        using Answer still = await host.PostAsync(
            AnnexDPaths.Init, host.Token(), BodyAgainst(host, rule == "KmsUri" ? "RequestTime" : "KmsUri"));
        still.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_shadow_is_left_when_the_rule_is_switched_off()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:Shadow:KmsUri", "false"));
        using Answer refused = await host.PostAsync(AnnexDPaths.Init, host.Token(), BodyAgainst(host, "KmsUri"));
        refused.Error.ShouldBe(KmsError.WrongKmsUri);
    }

    [Theory]
    [InlineData("Kms:Profiles:Default", "Loose")]
    [InlineData("Kms:Profiles:Default", "9")]
    [InlineData("Kms:Profiles:Clients:0:Profile", "Strict")]
    [InlineData("Kms:Profiles:Clients:0:TokenClientId", "")]
    [InlineData("Kms:Profiles:Networks:0:Network", "10.0.0.0")]
    [InlineData("Kms:Profiles:Networks:0:Network", "10.0.0.0/33")]
    [InlineData("Kms:Profiles:Networks:0:Profile", "Strict")]
    [InlineData("Kms:Profiles:Networks:0:Network", "10.0.0.0/8")]
    [InlineData("Kms:Profiles:Kapsch2018:MissingTokenStatus", "200")]
    [InlineData("Kms:Profiles:Kapsch2018:Namespace", "not a uri")]
    [InlineData("Kms:Profiles:Kapsch2018:WrapProfile", "7")]
    [InlineData("Kms:Profiles:Streamwide:KeySets", "7")]
    [InlineData("Kms:Profiles:Streamwide:UserAgents:0", "**")]
    [InlineData("Kms:Profiles:Strict:KeySets", "McpttLast")]
    [InlineData("Kms:Domains:0:DefaultProfile", "9")]
    [InlineData("Kms:Shadow:Everything", "true")]
    [InlineData("Kms:Shadow:Signature", "true")]
    [InlineData("Kms:Shadow:token", "false")]
    [InlineData("Kms:Shadow:Disabled", "true")]
    [InlineData("Kms:Shadow:IdentityOwnership", "true")]
    [InlineData("Kms:Shadow:KmsUri", "perhaps")]
    public void A_bad_setting_is_a_fault_that_names_it(string name, string value)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [name] = value }).Build();
        string option = name switch
        {
            "Kms:Profiles:Clients:0:Profile" or "Kms:Profiles:Clients:0:TokenClientId" => "Kms:Profiles:Clients:0",
            "Kms:Profiles:Networks:0:Network" when value.EndsWith("/8", StringComparison.Ordinal) =>
                "Kms:Profiles:Networks:0:Profile",
            "Kms:Profiles:Networks:0:Profile" => "Kms:Profiles:Networks:0:Network",
            "Kms:Profiles:Strict:KeySets" => "Kms:Profiles:Strict",
            _ => name,
        };
        Should.Throw<KmsException>(() => KmsSettings.Read(configuration)).Message.ShouldContain(option + " ");
    }

    [Fact]
    public void A_network_that_stands_twice_is_a_fault()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kms:Profiles:Networks:0:Network"] = "10.7.0.0/16",
            ["Kms:Profiles:Networks:1:Network"] = "10.7.0.0/16",
        }).Build();
        Should.Throw<KmsException>(() => KmsSettings.Read(configuration)).Message
            .ShouldContain("Kms:Profiles:Networks:1:Network stands there twice");
    }

    [Fact]
    public void Every_offset_in_use_explains_local_time_and_nothing_else_does()
    {
        DateTimeOffset now = KmsHost.StartOfPeriod();
        TimeSpan skew = TimeSpan.FromSeconds(30);
        for (int minute = -15 * 60; minute <= 15 * 60; minute++)
        {
            bool isInUse = minute % 15 == 0 && minute != 0 && minute is >= -12 * 60 and <= 14 * 60;
            foreach ((int second, bool isNear) in new[] { (-29, true), (0, true), (29, true), (-31, false), (31, false) })
            {
                TimeSpan difference = TimeSpan.FromMinutes(minute) + TimeSpan.FromSeconds(second);
                if (minute % 15 == 0)
                {
                    LocalTime.Explains(now + difference, now, skew).ShouldBe(isInUse && isNear, difference.ToString());
                }
            }

            LocalTime.Explains(now.AddMinutes(minute), now, skew).ShouldBe(isInUse);
        }
    }

    private static byte[]? BodyAgainst(KmsHost host, string rule) => rule switch
    {
        "RequestBody" => null,
        "Namespace" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(host.Request(AnnexDPaths.Init))
            .Replace("urn:3gpp:ns:mcsecKMSInterface:1.0", "urn:example:other", StringComparison.Ordinal)),
        "KmsUri" => host.Request(AnnexDPaths.Init, kmsUri: "kms.other.example"),
        "RequestUrl" => host.Request(AnnexDPaths.Init, url: "https://other.example" + AnnexDPaths.Init),
        _ => host.Request(AnnexDPaths.Init, time: host.Time.GetUtcNow().AddMinutes(5)),
    };
}

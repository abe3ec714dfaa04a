using System.Globalization;
using System.Net;
using System.Text;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>What deployed clients put on the wire, octet by octet, and the answer of a KMS that was told nothing.</summary>
public sealed class ClientConversationTests : IAsyncLifetime
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    private KmsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Streamwide_posts_nothing_accepts_application_xml_and_takes_the_last_key_set()
    {
        using QuirkMeter meter = new(_host);
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        foreach (string path in new[] { "init", "keyprov" })
        {
            await connection.SendAsync(
                $"POST /keymanagement/identity/v1/{path} HTTP/1.1\r\nHost: localhost:{_host.Address.Port}\r\n"
                + $"Authorization: Bearer {_host.Token()}\r\nAccept: application/xml\r\nContent-Length: 0\r\n\r\n");
            (string status, string head, string body) = await connection.ReadWholeAnswerAsync();
            status.ShouldBe("HTTP/1.1 200 OK");
            head.ShouldContain("Content-Type: application/xml");
            using KmsResponse response = KmsResponse.Parse(Encoding.UTF8.GetBytes(body));
            if (response.Message is KmsKeyProv keys)
            {
                keys.KeySets[^1].UserUri.ShouldBe(Alice);
                body.ShouldContain($"<UserID>{keys.KeySets[^1].UserId.ToHex()}</UserID>");
            }
        }

        meter.Profiles.ShouldBe(["Streamwide Evidence", "Streamwide Evidence"]);
        meter.Quirks.ShouldBe(["Q1 Streamwide", "Q1 Streamwide", "Q6 Streamwide", "Q8 Streamwide"]);
    }

    [Fact]
    public async Task Streamwide_with_a_body_writes_its_server_and_local_time()
    {
        using QuirkMeter meter = new(_host);
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        string server = $"https://localhost:{_host.Address.Port}";
        string local = _host.Time.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        string request = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<KmsRequest xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\" Version=\"1.0.0\">\n"
            + $"  <UserUri>{Alice}</UserUri>\n  <KmsUri>{server}</KmsUri>\n  <Time>{local}</Time>\n"
            + $"  <ClientReqUrl>{server}/keymanagement/identity/v1/keyprov/{Alice}</ClientReqUrl>\n</KmsRequest>\n";
        await connection.SendAsync(
            $"POST /keymanagement/identity/v1/keyprov/{Alice} HTTP/1.1\r\nHost: localhost:{_host.Address.Port}\r\n"
            + $"Authorization: Bearer {_host.Token()}\r\nAccept: application/xml\r\nContent-Type: application/xml\r\n"
            + $"Content-Length: {request.Length}\r\n\r\n{request}");
        (string status, _, string body) = await connection.ReadWholeAnswerAsync();
        status.ShouldBe("HTTP/1.1 200 OK");
        using KmsResponse response = KmsResponse.Parse(Encoding.UTF8.GetBytes(body));
        ((KmsKeyProv)response.Message!).KeySets.Select(keySet => keySet.UserUri).ShouldBe([Alice]);
        meter.Quirks.ShouldBe(["Q2 Streamwide", "Q3 Streamwide", "Q5 Streamwide", "Q8 Streamwide"]);
    }

    [Fact]
    public async Task Kapsch_posts_nothing_and_takes_text_xml_and_the_first_key_set_only()
    {
        using QuirkMeter meter = new(_host);
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        string head = $"HTTP/1.1\r\nHost: localhost:{_host.Address.Port}\r\nUser-Agent: Java/1.8.0_151\r\n"
            + "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\nConnection: keep-alive\r\nContent-Length: 0\r\n";

        // Its 401 means: fetch another token.
        await connection.SendAsync($"POST /keymanagement/identity/v1/keyprov {head}\r\n");
        (string refused, string refusedHead, _) = await connection.ReadWholeAnswerAsync();
        refused.ShouldBe("HTTP/1.1 401 Unauthorized");
        refusedHead.ShouldContain("WWW-Authenticate: Bearer");

        await connection.SendAsync(
            $"POST /keymanagement/identity/v1/keyprov {head}Authorization: Bearer {_host.Token()}\r\n\r\n");
        (string status, string answerHead, string body) = await connection.ReadWholeAnswerAsync();
        status.ShouldBe("HTTP/1.1 200 OK");
        answerHead.ShouldContain("Content-Type: text/xml");
        using KmsResponse response = KmsResponse.Parse(Encoding.UTF8.GetBytes(body));
        ((KmsKeyProv)response.Message!).KeySets[0].UserUri.ShouldBe(Alice);
        meter.Quirks.ShouldBe(["Q11 Kapsch2018", "Q4 Kapsch2018", "Q1 Kapsch2018", "Q8 Kapsch2018", "Q4 Kapsch2018"]);

        // It polls for changed certificates with a resource that no release has.
        await connection.SendAsync(
            $"POST /keymanagement/identity/v1/certupdatequery {head}Authorization: Bearer {_host.Token()}\r\n\r\n");
        (string unknown, _, string error) = await connection.ReadWholeAnswerAsync();
        unknown.ShouldBe("HTTP/1.1 404 Not Found");
        KmsResponse.Parse(Encoding.UTF8.GetBytes(error)).Error!.ErrorCode.ShouldBe((int)KmsError.UnknownResource);
    }

    [Fact]
    public async Task The_projects_own_form_is_no_quirk()
    {
        using QuirkMeter meter = new(_host);
        using Answer answer = await _host.KeyProvAsync(_host.Token(), Alice, body: _host.Request(AnnexDPaths.KeyProv(Alice)));
        answer.KeySets.Count.ShouldBe(1);
        meter.Quirks.ShouldBeEmpty();
        meter.Profiles.ShouldBe(["Auto Default"]);
    }

    [Fact]
    public async Task The_projects_own_client_is_known_by_its_name_and_not_by_habits_of_others()
    {
        using QuirkMeter meter = new(_host);
        using Answer named = await KmsHost.SendAsync(
            _host.Client, AnnexDPaths.Init, _host.Token(),
            headers: [("Accept", "application/xml"), ("User-Agent", "Watchword/0.1.0")]);
        named.Status.ShouldBe(HttpStatusCode.OK);
        using Answer nameless = await KmsHost.SendAsync(
            _host.Client, AnnexDPaths.Init, _host.Token(), headers: [("Accept", "application/xml")]);
        meter.Profiles.ShouldBe(["Auto Default", "Streamwide Evidence"]);
    }

    [Fact]
    public async Task Ten_repetitions_without_pause_meet_the_limit_and_are_counted()
    {
        _host.Change("Kms:RequestsPerMinute", "5");
        await _host.StartAgainAsync();
        using QuirkMeter meter = new(_host);
        List<byte[]> keys = [];
        for (int i = 0; i < 10; i++)
        {
            using Answer answer = await _host.KeyProvAsync(_host.Token(), Alice);
            if (i < 5)
            {
                keys.Add(KmsHost.SecretsOf(answer.KeySets.Single()));
            }
            else
            {
                answer.Error.ShouldBe(KmsError.TooManyRequests);
                answer.Headers.RetryAfter.ShouldNotBeNull();
            }
        }

        keys.ShouldAllBe(secrets => secrets.SequenceEqual(keys[0]));
        meter.Quirks.Count(quirk => quirk == "Q17 Auto").ShouldBe(5);
    }
}

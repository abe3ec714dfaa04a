using System.Diagnostics;
using System.Net;
using System.Text;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class RequestBodyTests : IClassFixture<TokenRefusalTests.SharedHost>
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    private readonly KmsHost _host;

    public RequestBodyTests(TokenRefusalTests.SharedHost shared) => _host = shared.Host;

    [Fact]
    public async Task A_request_that_fits_is_served_on_every_path()
    {
        foreach (string path in new[] { AnnexDPaths.Init, AnnexDPaths.KeyProv(), AnnexDPaths.KeyProv(Alice) })
        {
            using Answer answer = await _host.PostAsync(path, _host.Token(), _host.Request(path));
            answer.Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task The_request_url_may_be_escaped_differently()
    {
        byte[] body = _host.Request("/keymanagement/identity/v1/keyprov/sip:alice.ptt@mc.test.example");
        using Answer answer = await _host.PostAsync(AnnexDPaths.KeyProv(Alice), _host.Token(), body);
        answer.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("kms.other.example", KmsError.WrongKmsUri)]
    [InlineData("KMS.test.example", KmsError.WrongKmsUri)]
    [InlineData("https://localhost", KmsError.WrongKmsUri)]
    public async Task Another_kms_uri_is_refused(string kmsUri, KmsError error)
    {
        using Answer answer = await _host.PostAsync(
            AnnexDPaths.Init, _host.Token(), _host.Request(AnnexDPaths.Init, kmsUri: kmsUri));
        ((int)answer.Status).ShouldBe(400);
        answer.Error.ShouldBe(error);
    }

    [Theory]
    [InlineData("https://other.example/keymanagement/identity/v1/init")]
    [InlineData("{base}/keymanagement/identity/v1/keyprov")]
    [InlineData("{base}/keymanagement/identity/v1/init?x=1")]
    [InlineData("{base}/keymanagement/identity/v1/init/")]
    [InlineData("/keymanagement/identity/v1/init")]
    [InlineData("init")]
    public async Task Another_request_url_is_refused(string url)
    {
        string named = url.Replace("{base}", _host.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, _host.Token(), _host.Request(AnnexDPaths.Init, url: named));
        answer.Error.ShouldBe(KmsError.WrongRequestUrl);
    }

    [Theory]
    [InlineData(-31, false)]
    [InlineData(-30, true)]
    [InlineData(30, true)]
    [InlineData(31, false)]
    [InlineData(7200, false)]
    public async Task The_time_of_a_request_must_be_recent(int seconds, bool accepted)
    {
        byte[] body = _host.Request(AnnexDPaths.Init, time: _host.Time.GetUtcNow().AddSeconds(seconds));
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, _host.Token(), body);
        answer.Status.ShouldBe(accepted ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
        if (!accepted)
        {
            answer.Error.ShouldBe(KmsError.RequestTimeOutsideWindow);
        }
    }

    [Fact]
    public async Task The_user_of_a_request_must_be_an_identity_of_the_token()
    {
        using Answer other = await _host.PostAsync(
            AnnexDPaths.KeyProv(), _host.Token(), _host.Request(AnnexDPaths.KeyProv(), userUri: "sip:bob.ptt@mc.test.example"));
        other.Status.ShouldBe(HttpStatusCode.Forbidden);
        other.Error.ShouldBe(KmsError.UserUriNotRequesters);

        // Asserted, though its own key-management scope was not granted: he may name it, but it is not keyed.
        using Answer own = await _host.PostAsync(
            AnnexDPaths.KeyProv(),
            _host.Token(("scope", "3gpp:mc:video_key_management_service")),
            _host.Request(AnnexDPaths.KeyProv(), userUri: Alice));
        own.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:alice.video@mc.test.example"]);
    }

    [Theory]
    [InlineData("signed", KmsError.SignedRequestMalformed)]
    [InlineData("signature stripped", KmsError.SignatureMissing)]
    [InlineData("garbage", KmsError.MalformedRequest)]
    [InlineData("json", KmsError.MalformedRequest)]
    [InlineData("truncated", KmsError.MalformedRequest)]
    [InlineData("trailing", KmsError.MalformedRequest)]
    [InlineData("response", KmsError.MalformedRequest)]
    [InlineData("dtd", KmsError.MalformedRequest)]
    [InlineData("external entity", KmsError.MalformedRequest)]
    [InlineData("billion laughs", KmsError.MalformedRequest)]
    [InlineData("deep", KmsError.MalformedRequest)]
    [InlineData("many attributes", KmsError.MalformedRequest)]
    [InlineData("blanks within the limit", KmsError.MalformedRequest)]
    [InlineData("duplicate element", KmsError.MalformedRequest)]
    [InlineData("missing element", KmsError.MalformedRequest)]
    [InlineData("bad time", KmsError.MalformedRequest)]
    [InlineData("utf-7", KmsError.MalformedRequest)]
    [InlineData("a megabyte of blanks", KmsError.BodyTooLarge)]
    [InlineData("a megabyte of blanks in chunks", KmsError.BodyTooLarge)]
    public async Task A_hostile_body_costs_nothing_and_changes_nothing(string kind, KmsError error)
    {
        AuditHead before = (await _host.AuditAsync())[^1].ToHead();
        long started = Stopwatch.GetTimestamp();
        using Answer answer = await PostHostileAsync(kind);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        answer.Error.ShouldBe(error);
        ((int)answer.Status).ShouldBe((int)error / 100);
        Encoding.UTF8.GetString(answer.Body).ShouldNotContain("laugh");
        (await _host.AuditAsync())[^1].ToHead().Sequence.ShouldBe(before.Sequence);
    }

    [Theory]
    [InlineData("Content-Length: 70000", "")]
    [InlineData("Transfer-Encoding: chunked", "11170\r\n")]
    public async Task A_body_that_is_too_large_is_taken_off_so_that_its_client_hears_the_refusal(string head, string chunk)
    {
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        string start = $"POST {AnnexDPaths.Init} HTTP/1.1\r\nHost: localhost:{_host.Address.Port}\r\n"
            + $"Authorization: Bearer {_host.Token()}\r\n";
        await connection.SendAsync($"{start}{head}\r\n\r\n{chunk}");
        for (int sent = 0; sent < 70_000; sent += 10_000)
        {
            await connection.SendAsync(new byte[10_000]);
        }

        await connection.SendAsync(chunk.Length > 0 ? "\r\n0\r\n\r\n" : string.Empty);
        (await connection.ReadAnswerAsync()).ShouldStartWith("HTTP/1.1 413");
        await connection.SendAsync(start + "Content-Length: 0\r\n\r\n");
        (await connection.ReadAnswerAsync()).ShouldStartWith("HTTP/1.1 200");
    }

    private async Task<Answer> PostHostileAsync(string kind)
    {
        byte[] body = HostileBody(kind);
        using HttpRequestMessage request = new(HttpMethod.Post, AnnexDPaths.Init)
        {
            Content = kind.EndsWith("chunks", StringComparison.Ordinal)
                ? new StreamContent(new NonSeekable(body))
                : new ByteArrayContent(body),
        };
        request.Headers.ExpectContinue = body.Length > 100_000;
        request.Headers.Authorization = new("Bearer", _host.Token());
        using HttpResponseMessage response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.ToString(), content);
    }

    private byte[] HostileBody(string kind)
    {
        const string declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
        string good = Encoding.UTF8.GetString(_host.Request(AnnexDPaths.Init)).TrimStart('\uFEFF');
        string element = good[good.IndexOf("<KmsRequest", StringComparison.Ordinal)..];
        string text = kind switch
        {
            "signed" => "<SignedKmsRequest xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\">" + element
                + "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></SignedKmsRequest>",
            "signature stripped" =>
                element.Replace(
                    "</KmsRequest>", "<Signature-ID>ink.1.alice</Signature-ID></KmsRequest>", StringComparison.Ordinal),
            "garbage" => "\u0001\u0002 not xml",
            "json" => "{\"UserUri\":\"sip:alice@x\"}",
            "truncated" => good[..^5],
            "trailing" => good + "<more/>",
            "response" => element.Replace("KmsRequest", "KmsResponse", StringComparison.Ordinal),
            "dtd" => declaration + "<!DOCTYPE KmsRequest>" + element,
            "external entity" => declaration + "<!DOCTYPE KmsRequest [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"
                + element.Replace("kms.test.example", "&x;", StringComparison.Ordinal),
            "billion laughs" =>
                declaration + "<!DOCTYPE KmsRequest [<!ENTITY a \"laugh\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                + element.Replace("kms.test.example", "&b;", StringComparison.Ordinal),
            "deep" => string.Concat(Enumerable.Repeat("<a>", 5000)) + string.Concat(Enumerable.Repeat("</a>", 5000)),
            "many attributes" => "<KmsRequest xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\" "
                + string.Join(' ', Enumerable.Range(0, 3000).Select(i => $"a{i}=\"\"")) + "/>",
            "blanks within the limit" => new string(' ', 60_000),
            "duplicate element" => element.Replace("<KmsUri>", "<KmsUri>x</KmsUri><KmsUri>", StringComparison.Ordinal),
            "missing element" => element.Replace("KmsUri>", "ClientId>", StringComparison.Ordinal),
            "bad time" => element.Replace("<Time>2026", "<Time>x026", StringComparison.Ordinal),
            "utf-7" => "<?xml version=\"1.0\" encoding=\"utf-7\"?>" + element,
            _ => new string(' ', 1024 * 1024),
        };
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Has no length: it is sent in chunks.</summary>
    private sealed class NonSeekable(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}

using System.Globalization;
using System.Net;
using System.Text;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The table of docs/profiles.md: each quirk under each profile, which is chosen by the client of the token.</summary>
public sealed class ClientProfileTests : IClassFixture<ClientProfileTests.SharedHost>
{
    private const string Alice = "sip:alice.ptt@mc.test.example";
    private const string Video = "sip:alice.video@mc.test.example";
    private const string Data = "sip:alice.data@mc.test.example";
    private const string Alias = "mc.test.example";

    private readonly KmsHost _host;

    public ClientProfileTests(SharedHost shared) => _host = shared.Host;

    [Theory]
    [InlineData("strict", "no body", KmsError.MalformedRequest, "")]
    [InlineData("auto", "no body", null, "Q1 Auto")]
    [InlineData("streamwide", "no body", null, "Q1 Streamwide")]
    [InlineData("kapsch2018", "no body", null, "Q1 Kapsch2018")]
    [InlineData("strict", "good", null, "")]
    [InlineData("auto", "good", null, "")]
    [InlineData("streamwide", "good", null, "")]
    [InlineData("kapsch2018", "good", null, "")]
    [InlineData("strict", "alias", KmsError.WrongKmsUri, "")]
    [InlineData("auto", "alias", null, "Q2 Auto")]
    [InlineData("streamwide", "alias", null, "Q2 Streamwide")]
    [InlineData("kapsch2018", "alias", null, "Q2 Kapsch2018")]
    [InlineData("strict", "server url", KmsError.WrongKmsUri, "")]
    [InlineData("auto", "server url", null, "Q2 Streamwide")]
    [InlineData("streamwide", "server url", null, "Q2 Streamwide")]
    [InlineData("kapsch2018", "server url", KmsError.WrongKmsUri, "")]
    [InlineData("streamwide", "server url with path", null, "Q2 Streamwide")]
    [InlineData("streamwide", "url of another server", KmsError.WrongKmsUri, "")]
    [InlineData("streamwide", "server url and another path", KmsError.WrongKmsUri, "")]
    [InlineData("strict", "local 120", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("auto", "local 120", null, "Q3 Streamwide")]
    [InlineData("streamwide", "local 120", null, "Q3 Streamwide")]
    [InlineData("kapsch2018", "local 120", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("streamwide", "local 345", null, "Q3 Streamwide")]
    [InlineData("streamwide", "local -210", null, "Q3 Streamwide")]
    [InlineData("streamwide", "local 840", null, "Q3 Streamwide")]
    [InlineData("streamwide", "local 855", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("streamwide", "local -735", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("streamwide", "local 7", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("auto", "local 7", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("streamwide", "zoned 120", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("auto", "zoned 120", KmsError.RequestTimeOutsideWindow, "")]
    [InlineData("strict", "local 0", null, "")]
    [InlineData("streamwide", "local 0", null, "")]
    [InlineData("strict", "other namespace", KmsError.MalformedRequest, "")]
    [InlineData("auto", "other namespace", null, "Q18 Kapsch2018")]
    [InlineData("streamwide", "other namespace", null, "Q18 Streamwide")]
    [InlineData("kapsch2018", "other namespace", null, "Q18 Kapsch2018")]
    [InlineData("strict", "no namespace", KmsError.MalformedRequest, "")]
    [InlineData("kapsch2018", "no namespace", null, "Q18 Kapsch2018")]
    [InlineData("strict", "unknown element", KmsError.MalformedRequest, "")]
    [InlineData("auto", "unknown element", KmsError.MalformedRequest, "")]
    [InlineData("kapsch2018", "unknown element", null, "Q18 Kapsch2018")]
    [InlineData("strict", "version 1.0.0", null, "")]
    [InlineData("strict", "version 2.0", KmsError.MalformedRequest, "")]
    [InlineData("kapsch2018", "version 2.0", null, "Q18 Kapsch2018")]
    [InlineData("auto", "marks of both", KmsError.MalformedRequest, "")]
    [InlineData("kapsch2018", "user of another", KmsError.UserUriNotRequesters, "")]
    [InlineData("streamwide", "user of another", KmsError.UserUriNotRequesters, "")]
    public async Task A_body_is_borne_with_or_refused(string profile, string kind, KmsError? error, string quirks)
    {
        using QuirkMeter meter = new(_host);
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, Token(profile), Body(kind));
        answer.Document.Error?.ErrorCode.ShouldBe((int)error!);
        answer.Status.ShouldBe(error is { } number ? (HttpStatusCode)((int)number / 100) : HttpStatusCode.OK);
        // The media type has a test of its own.
        string.Join(',', meter.Quirks.Where(quirk => !quirk.StartsWith("Q4 ", StringComparison.Ordinal))).ShouldBe(quirks);
    }

    [Theory]
    [InlineData("strict", null, "application/xml", false)]
    [InlineData("strict", "text/xml", "text/xml", false)]
    [InlineData("auto", "text/xml, application/xml;q=0.5", "text/xml", false)]
    [InlineData("streamwide", "application/xml", "application/xml", false)]
    [InlineData("streamwide", "text/xml", "application/xml", true)]
    [InlineData("kapsch2018", null, "text/xml", true)]
    [InlineData("kapsch2018", "application/xml", "text/xml", true)]
    [InlineData("kapsch2018", "text/xml", "text/xml", false)]
    public async Task The_media_type_is_that_of_the_profile(string profile, string? accept, string expected, bool isQuirk)
    {
        using QuirkMeter meter = new(_host);
        using Answer answer = await _host.PostAsync(
            AnnexDPaths.Init, Token(profile), Body("good"), headers: accept is null ? [] : [("Accept", accept)]);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.ContentType.ShouldBe(expected + "; charset=utf-8");
        meter.Quirks.Any(quirk => quirk.StartsWith("Q4 ", StringComparison.Ordinal)).ShouldBe(isQuirk);
    }

    [Theory]
    [InlineData("sip%3Aalice.ptt%40mc.test.example", Alice, false)]
    [InlineData("sip:alice.ptt@mc.test.example", Alice, true)]
    [InlineData("sip:alice.ptt%40mc.test.example", Alice, true)]
    [InlineData("tel%3A%2B447700900123", "tel:+447700900123", false)]
    [InlineData("tel:+447700900123", "tel:+447700900123", true)]
    [InlineData("sip%3Aa%2Fb%40mc.test.example", "sip:a/b@mc.test.example", false)]
    [InlineData("sip:m%C3%BCller@mc.test.example", "sip:m\u00fcller@mc.test.example", true)]
    [InlineData("sip%3Am%C3%BCller%40mc.test.example", "sip:m\u00fcller@mc.test.example", false)]
    public async Task A_uri_in_the_path_means_one_identity_however_it_is_escaped(string segment, string uri, bool isQuirk)
    {
        foreach (string profile in new[] { "strict", "auto", "streamwide", "kapsch2018" })
        {
            using QuirkMeter meter = new(_host);
            string path = "/keymanagement/identity/v1/keyprov/" + segment;
            string token = _host.Token(("client_id", profile), ("mcptt_id", uri));
            using Answer answer = await _host.PostAsync(path, token, _host.Request(path, userUri: uri));
            answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe([uri]);
            meter.Quirks.Any(quirk => quirk.StartsWith("Q5 ", StringComparison.Ordinal)).ShouldBe(isQuirk);
        }
    }

    [Theory]
    [InlineData("strict", false, Alice, Video, Data)]
    [InlineData("auto", false, Alice, Video, Data)]
    [InlineData("kapsch2018", true, Alice, Video, Data)]
    [InlineData("streamwide", true, Data, Video, Alice)]
    public async Task MCPTT_stands_where_the_client_looks_and_the_uid_is_spelt_as_it_reads(
        string profile, bool hexadecimal, params string[] uris)
    {
        using QuirkMeter meter = new(_host);
        using Answer answer = await _host.KeyProvAsync(Token(profile), body: _host.Request(AnnexDPaths.KeyProv()));
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(uris);
        UserId uid = answer.KeySets[0].UserId;
        Encoding.UTF8.GetString(answer.Body).ShouldContain(
            $"<UserID>{(hexadecimal ? uid.ToHex() : uid.ToBase64())}</UserID>");
        meter.Quirks.Count(quirk => quirk.StartsWith("Q8 ", StringComparison.Ordinal)).ShouldBe(hexadecimal ? 1 : 0);
        meter.Quirks.Count(quirk => quirk.StartsWith("Q6 ", StringComparison.Ordinal)).ShouldBe(uris[0] == Data ? 1 : 0);
    }

    [Fact]
    public async Task The_same_client_is_keyed_alike_under_every_profile_and_again()
    {
        // Q17: a client that asks ten times gets the same octets ten times, and nothing is kept for it.
        List<byte[]> seen = [];
        foreach (string profile in new[] { "strict", "auto", "streamwide", "kapsch2018", "streamwide", "streamwide" })
        {
            using Answer answer = await _host.KeyProvAsync(
                Token(profile), Alice, body: _host.Request(AnnexDPaths.KeyProv(Alice)));
            seen.Add(KmsHost.SecretsOf(answer.KeySets.Single()));
        }

        seen.ShouldAllBe(secrets => secrets.SequenceEqual(seen[0]));
    }

    [Theory]
    [InlineData("curl/8", null, 403)]
    [InlineData("Streamwide KMC", null, 403)]
    [InlineData("kapsch-kmc/1.0", null, 401)]
    [InlineData("Java/1.8.0_151", null, 401)]
    [InlineData(null, "text/xml", 401)]
    [InlineData(null, "application/xml", 403)]
    public async Task Without_token_the_status_is_the_one_that_the_client_acts_on(string? agent, string? accept, int status)
    {
        using QuirkMeter meter = new(_host);
        (string, string)[] headers =
            [.. new[] { ("User-Agent", agent), ("Accept", accept) }.Where(header => header.Item2 is not null)
                .Select(header => (header.Item1, header.Item2!))];
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, token: null, headers: headers);
        ((int)answer.Status).ShouldBe(status);
        answer.Error.ShouldBe(KmsError.NoToken);
        answer.WwwAuthenticate.ShouldBe("Bearer");
        meter.Quirks.Contains("Q11 Kapsch2018").ShouldBe(status == 401);
    }

    [Theory]
    [InlineData("strict")]
    [InlineData("kapsch2018")]
    public async Task A_bad_token_is_401_and_a_missing_scope_403_under_every_profile(string profile)
    {
        using Answer bad = await _host.PostAsync(AnnexDPaths.Init, "bad", headers: ("User-Agent", "kapsch"));
        bad.Error.ShouldBe(KmsError.InvalidToken);
        ((int)bad.Status).ShouldBe(401);
        using Answer none = await _host.PostAsync(AnnexDPaths.Init, _host.Token(("client_id", profile), ("scope", "openid")));
        none.Error.ShouldBe(KmsError.InsufficientScope);
        ((int)none.Status).ShouldBe(403);
    }

    [Fact]
    public async Task A_resource_of_no_release_is_answered_and_counted()
    {
        using QuirkMeter meter = new(_host);
        using Answer answer = await _host.PostAsync("/keymanagement/identity/v1/certupdatequery", Token("kapsch2018"));
        answer.Error.ShouldBe(KmsError.UnknownResource);
        answer.ContentType.ShouldBe("text/xml; charset=utf-8");
        meter.Quirks.ShouldContain("Q16 Kapsch2018");
    }

    [Fact]
    public async Task A_quirk_is_written_once_an_hour_for_each_client_and_names_nobody()
    {
        string token = _host.Token(("client_id", "streamwide"), ("sub", "carol"));
        int before = Lines();
        for (int i = 0; i < 3; i++)
        {
            using Answer answer = await _host.PostAsync(AnnexDPaths.Init, token, Body("alias"));
            answer.Status.ShouldBe(HttpStatusCode.OK);
        }

        Lines().ShouldBe(before + 1);
        _host.LogText.ShouldNotContain("carol");
        _host.LogText.ShouldNotContain("alice");
    }

    private int Lines() => _host.LogText.Split('\n').Count(line => line.Contains(" 2450 Quirk Q2", StringComparison.Ordinal));

    private string Token(string profile) => _host.Token(("client_id", profile));

    /// <summary>Bodies as clients write them: by hand, without declaration, with and without zone.</summary>
    private byte[]? Body(string kind)
    {
        string server = _host.Address.GetLeftPart(UriPartial.Authority);
        string[] words = kind.Split(' ');
        double minutes = words is ["local" or "zoned", var offset] ? double.Parse(offset, CultureInfo.InvariantCulture) : 0;
        string time = _host.Time.GetUtcNow().AddMinutes(kind == "marks of both" ? 120 : minutes)
            .ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
            + (words[0] == "local" || kind == "marks of both" ? "" : "Z");
        string space = kind is "other namespace" or "marks of both" ? " xmlns=\"TOBEDEFINED\""
            : kind == "no namespace" ? "" : " xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\"";
        string version = words[0] == "version" ? words[1] : "1.1.0";
        string kmsUri = kind switch
        {
            "alias" => Alias,
            "server url" => server,
            "server url with path" => server + AnnexDPaths.Root,
            "server url and another path" => server + "/other",
            "url of another server" => "https://kms.other.example",
            _ => KmsHost.KmsUri,
        };
        return kind == "no body" ? null : Encoding.UTF8.GetBytes(
            $"<KmsRequest{space} Version=\"{version}\">"
            + $"<UserUri>{(kind == "user of another" ? "sip:bob.ptt@mc.test.example" : Alice)}</UserUri>"
            + $"<KmsUri>{kmsUri}</KmsUri><Time>{time}</Time><ClientId>c-1</ClientId>"
            + (kind == "unknown element" ? "<Vendor>x</Vendor>" : "")
            + $"<ClientReqUrl>{server}{AnnexDPaths.Init}</ClientReqUrl></KmsRequest>");
    }

    public sealed class SharedHost : IAsyncLifetime
    {
        internal KmsHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await KmsHost.StartAsync(
            ("Kms:PublicBaseUrl", ""),
            ("Kms:Domains:0:KmsUri", KmsHost.KmsUri),
            ("Kms:Domains:0:PublicBaseUrls:0", "https://localhost:0"),
            ("Kms:Domains:0:KmsUriAliases:0", Alias),
            ("Authorization:Issuers:0:IdentityDomains:1", "tel:"),
            ("Kms:Profiles:Clients:0:TokenClientId", "strict"),
            ("Kms:Profiles:Clients:0:Profile", "Strict"),
            ("Kms:Profiles:Clients:1:TokenClientId", "streamwide"),
            ("Kms:Profiles:Clients:1:Profile", "Streamwide"),
            ("Kms:Profiles:Clients:2:TokenClientId", "kapsch*"),
            ("Kms:Profiles:Clients:2:Profile", "Kapsch2018"));

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}

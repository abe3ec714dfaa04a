using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Watchword.Client.Tests.Support;
using Watchword.Cryptography;
using Watchword.Identity;
using Watchword.KeyManagement;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class KmClientTests : IAsyncLifetime
{
    private readonly TestProfile _profile = new();
    private readonly TestKms _kms;
    private readonly ImmediateTime _time;
    private KeyStore _store = null!;
    private TokenCache _tokens = null!;

    public KmClientTests()
    {
        _kms = new TestKms(_profile.Time);
        _time = new ImmediateTime(_profile.Time);
    }

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        _tokens = await _profile.LogInToStoreAsync(_store);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _kms.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Key_sets_of_every_identity_are_fetched_checked_and_stored()
    {
        using KmClient client = Client();

        IReadOnlyList<KeySetInfo> received = await client.ProvisionAsync();

        received.Select(k => k.UserUri).ShouldBe([TestIdm.McpttId, TestIdm.McVideoId]);
        _store.KeySets.Count.ShouldBe(2);
        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.None);
        _store.KmsUri.ShouldBe("kms.lab.example");
        _kms.Paths.ShouldBe(["/keymanagement/identity/v1/init", "/keymanagement/identity/v1/keyprov"]);
        _kms.Authorizations.ShouldAllBe(a => a!.Scheme == "Bearer" && a.Parameter!.StartsWith("access-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_initialisation_has_no_body_and_later_requests_have_one()
    {
        using KmClient client = Client();

        _ = await client.ProvisionAsync();

        _kms.Bodies[0].ShouldBeEmpty();
        KmsRequest request = KmsRequest.Parse(Encoding.UTF8.GetBytes(_kms.Bodies[1]));
        request.UserUri.ShouldBe(TestIdm.McpttId);
        request.KmsUri.ShouldBe("kms.lab.example");
        request.Time.ShouldBe(_profile.Time.GetUtcNow());
        request.ClientReqUrl.ShouldBe("https://kms.test/keymanagement/identity/v1/keyprov");
    }

    [Fact]
    public async Task Bodies_can_be_left_out()
    {
        using KmClient client = Client(o => o with { SendEmptyBody = true });

        _ = await client.ProvisionAsync();

        _kms.Bodies.ShouldAllBe(b => b.Length == 0);
    }

    [Fact]
    public async Task The_client_says_who_it_is_and_tells_where_the_user_may_migrate_to()
    {
        KmsReference migration = new("kms.other.example", KmsRelation.Migration, "https://kms.other.example");
        _kms.MigrationServices = [migration];
        using KmClient client = Client();
        (await client.InitializeAsync()).MigrationServices.ShouldBe([migration]);
        _kms.Agents.ShouldAllBe(agent => agent.StartsWith("Watchword/", StringComparison.Ordinal) && !agent.Contains('+'));
        _kms.Agents.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task One_identity_and_period_go_into_the_path_as_one_segment_each()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        long next = _store.RootCertificate!.PeriodAt(_profile.Time.GetUtcNow()).Number + 1;

        IReadOnlyList<KeySetInfo> received = await client.ProvisionAsync(new KeyProvisionRequest { UserUri = TestIdm.McVideoId, PeriodNumber = next });

        received.ShouldHaveSingleItem().Period.Number.ShouldBe(next);
        string ntp = NtpTimestamp.ToHex(NtpTimestamp.FromDateTimeOffset(received[0].Period.Start));
        _kms.Paths[^1].ShouldBe($"/keymanagement/identity/v1/keyprov/sip%3Adispatcher.video%40lab.example/{ntp}");
    }

    [Fact]
    public async Task A_period_without_identity_asks_for_each_identity()
    {
        using KmClient client = Client();

        IReadOnlyList<KeySetInfo> received = await client.ProvisionAsync(new KeyProvisionRequest { Time = _profile.Time.GetUtcNow().AddDays(30) });

        received.Select(k => k.UserUri).ShouldBe([TestIdm.McpttId, TestIdm.McVideoId]);
        _kms.Paths.Count.ShouldBe(3);
    }

    [Fact]
    public async Task One_service_goes_with_a_token_of_its_scope_alone()
    {
        _kms.Identities = [TestIdm.McVideoId];
        using KmClient client = Client();
        _ = await client.InitializeAsync();

        _ = await client.ProvisionAsync(new KeyProvisionRequest { Service = McService.McVideo });

        _profile.Idm.TokenRequests[^1]["scope"].ShouldBe(McScopes.For(McService.McVideo, McResource.KeyManagement));
    }

    [Fact]
    public async Task An_identity_of_somebody_else_is_not_even_asked_for()
    {
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.IdentityNotOwned, () => client.ProvisionAsync(new KeyProvisionRequest { UserUri = "sip:medic@lab.example" }));

        _kms.Paths.ShouldNotContain(p => p.Contains("medic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_set_for_somebody_else_is_refused_and_nothing_stored()
    {
        _kms.Identities = [TestIdm.McpttId, "sip:medic@lab.example"];
        using KmClient client = Client();

        WatchwordClientException e = await ShouldFailAsync(ClientFault.IdentityMismatch, () => client.ProvisionAsync());

        e.CorrelationId.ShouldBe("kms-2");
        _store.KeySets.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_set_for_another_of_my_identities_than_asked_is_refused()
    {
        _kms.BendKeySet = (_, period) => _kms.Domain.Issue(TestIdm.McpttId, period);
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.IdentityMismatch, () => client.ProvisionAsync(new KeyProvisionRequest { UserUri = TestIdm.McVideoId }));
    }

    [Fact]
    public async Task A_key_set_of_another_period_than_asked_is_refused()
    {
        _kms.BendKeySet = (uri, period) => _kms.Domain.Issue(uri, period - 1);
        using KmClient client = Client();

        await ShouldFailAsync(
            ClientFault.KmsAnswerUnexpected,
            () => client.ProvisionAsync(new KeyProvisionRequest { UserUri = TestIdm.McpttId, Time = _profile.Time.GetUtcNow() }));
    }

    [Fact]
    public async Task A_UID_that_its_fields_do_not_give_is_refused()
    {
        UserId wrong = TestDomain.Home.Certificate.UserIdFor("sip:medic@lab.example", 1);
        _kms.Identities = [TestIdm.McpttId];
        long period = TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow()).Number;
        string right = TestDomain.Home.Certificate.UserIdFor(TestIdm.McpttId, period).ToBase64();
        _kms.BendXml = xml => xml.Replace(right, wrong.ToBase64(), StringComparison.Ordinal);
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.UserIdMismatch, () => client.ProvisionAsync());

        _store.KeySets.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_that_fail_their_RFC_validation_are_refused_with_those_that_hold()
    {
        UserId other = TestDomain.Home.Certificate.UserIdFor("sip:medic@lab.example", 1);
        using SakkeReceiverKey receiver = TestDomain.Home.Sakke.IssueReceiverKey(other.Octets);
        using EccsiSigningKey signing = TestDomain.Home.Eccsi.IssueSigningKey(other.Octets);
        using KmClient client = Client();

        byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes], ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
        receiver.Export(rsk);
        signing.ExportSecret(ssk);

        // Only the last key set of the two is bent: the first is true, and must not be kept alone.
        _kms.BendXml = xml => ReplaceLast(xml, "UserDecryptKey", rsk);
        WatchwordClientException bad = await ShouldFailAsync(ClientFault.KeySetInvalid, () => client.ProvisionAsync());
        bad.Detail.ShouldBe(nameof(KeySetFault.BadDecryptionKey));
        _kms.BendXml = xml => ReplaceLast(xml, "UserSigningKeySSK", ssk);
        bad = await ShouldFailAsync(ClientFault.KeySetInvalid, () => client.ProvisionAsync());
        bad.Detail.ShouldBe(nameof(KeySetFault.BadSigningKey));

        _store.KeySets.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_KMS_URI_than_the_first_one_is_refused()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _kms.BendXml = xml => xml.Replace("kms.lab.example", "kms.evil.example", StringComparison.Ordinal);

        await ShouldFailAsync(ClientFault.KmsUriMismatch, () => client.InitializeAsync());
        await ShouldFailAsync(ClientFault.KmsUriMismatch, () => client.ProvisionAsync());

        _store.KmsUri.ShouldBe("kms.lab.example");
    }

    [Fact]
    public async Task The_KMS_URI_can_be_pinned_before_the_first_use()
    {
        using KmClient client = Client(o => o with { KmsUri = "kms.other.example" });

        await ShouldFailAsync(ClientFault.KmsUriMismatch, () => client.InitializeAsync());

        _store.RootCertificate.ShouldBeNull();
    }

    [Fact]
    public async Task Certificates_that_cannot_be_used_are_refused()
    {
        using KmClient client = Client();
        KmsCertificate Bend(KmsCertificate c, KmsCertificateRole role = KmsCertificateRole.Root, bool revoked = false, DateTimeOffset? to = null) => new()
        {
            KmsUri = c.KmsUri, Schedule = c.Schedule, PublicAuthenticationKey = c.PublicAuthenticationKey, PublicEncryptionKey = c.PublicEncryptionKey,
            Role = role, Revoked = revoked, ValidTo = to,
        };
        Func<KmsCertificate, KmsCertificate>[] bends =
        [
            c => Bend(c, KmsCertificateRole.External), c => Bend(c, revoked: true), c => Bend(c, to: _profile.Time.GetUtcNow().AddDays(-1)),
        ];
        foreach (Func<KmsCertificate, KmsCertificate> bend in bends)
        {
            _kms.BendCertificate = bend;
            await ShouldFailAsync(ClientFault.KmsCertificateUnusable, () => client.InitializeAsync());
        }

        _store.RootCertificate.ShouldBeNull();
    }

    [Fact]
    public async Task New_keys_of_the_KMS_are_said_and_the_old_key_sets_stay_usable()
    {
        using KmClient client = Client();
        _ = await client.ProvisionAsync();
        _kms.Domain = TestDomain.Other;

        (await client.InitializeAsync()).KeysChanged.ShouldBeTrue();
        _ = await client.ProvisionAsync();

        _store.KeySets.Count.ShouldBe(4);
        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.None);
    }

    [Fact]
    public async Task An_answer_to_somebody_else_or_to_another_request_is_refused()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();

        _kms.AnswerUserUri = "sip:medic@lab.example";
        await ShouldFailAsync(ClientFault.IdentityMismatch, () => client.ProvisionAsync());
        _kms.AnswerUserUri = TestIdm.McpttId;
        _kms.BendXml = xml => xml.Replace("https://kms.test/keymanagement", "https://other.test/keymanagement", StringComparison.Ordinal);
        await ShouldFailAsync(ClientFault.KmsAnswerUnexpected, () => client.ProvisionAsync());
    }

    [Fact]
    public async Task An_answer_without_key_sets_is_an_error()
    {
        _kms.Identities = [];
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.NoKeySetReceived, () => client.ProvisionAsync());
    }

    [Theory]
    [InlineData(400, ClientFault.KmsRefused)]
    [InlineData(401, ClientFault.KmsUnauthorized)]
    [InlineData(403, ClientFault.KmsForbidden)]
    [InlineData(404, ClientFault.KmsRefused)]
    [InlineData(500, ClientFault.KmsFailed)]
    [InlineData(502, ClientFault.KmsFailed)]
    [InlineData(302, ClientFault.RedirectRefused)]
    [InlineData(307, ClientFault.RedirectRefused)]
    public async Task A_refusal_or_failure_is_asked_once_and_never_repeated(int status, ClientFault fault)
    {
        _kms.Intercept = _ =>
        {
            HttpResponseMessage response = _kms.Error((HttpStatusCode)status, status, "no key for you");
            response.Headers.Location = new Uri("https://elsewhere.test/");
            return response;
        };
        using KmClient client = Client();

        WatchwordClientException e = await ShouldFailAsync(fault, () => client.InitializeAsync());

        _kms.Paths.Count.ShouldBe(1);
        _time.Waits.ShouldBeEmpty();
        e.KmsErrorCode.ShouldBe(status);
        e.HttpStatus.ShouldBe(status);
        e.Message.ShouldContain("no key for you");
        e.CorrelationId.ShouldBe("kms-1");
    }

    [Fact]
    public async Task An_error_in_a_200_is_an_error()
    {
        _kms.Intercept = _ => _kms.Error(HttpStatusCode.OK, 403, "not yours\u001b[31m".Replace("\u001b", " ", StringComparison.Ordinal));
        using KmClient client = Client();

        (await ShouldFailAsync(ClientFault.KmsRefused, () => client.InitializeAsync())).KmsErrorCode.ShouldBe(403);
    }

    [Fact]
    public async Task A_refused_token_is_dropped_so_that_the_next_call_brings_another()
    {
        _kms.Intercept = n => n == 1 ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : null;
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.KmsUnauthorized, () => client.InitializeAsync());
        _ = await client.InitializeAsync();

        _kms.Authorizations[0]!.Parameter.ShouldNotBe(_kms.Authorizations[1]!.Parameter);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_busy_KMS_is_asked_again_after_growing_waits_and_not_for_ever(int status)
    {
        _kms.Intercept = _ => new HttpResponseMessage((HttpStatusCode)status);
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.KmsBusy, () => client.InitializeAsync());

        _kms.Paths.Count.ShouldBe(4);
        _time.Waits.Count.ShouldBeInRange(0, 3);
        _time.Waits.ShouldAllBe(w => w <= TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Retry_After_is_honoured_and_a_long_one_ends_the_call()
    {
        _kms.Intercept = n =>
        {
            if (n > 1)
            {
                return null;
            }

            HttpResponseMessage busy = new(HttpStatusCode.ServiceUnavailable);
            busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
            return busy;
        };
        using KmClient client = Client();

        _ = await client.InitializeAsync();

        _time.Waits.ShouldHaveSingleItem().ShouldBeInRange(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
        _kms.Intercept = _ =>
        {
            HttpResponseMessage busy = new(HttpStatusCode.ServiceUnavailable);
            busy.Headers.RetryAfter = new RetryConditionHeaderValue(_profile.Time.GetUtcNow().AddHours(1));
            return busy;
        };
        await ShouldFailAsync(ClientFault.KmsBusy, () => client.InitializeAsync());
        _kms.Paths.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_network_that_fails_is_tried_again_and_then_named()
    {
        int calls = 0;
        _kms.Intercept = n => ++calls < 3 ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null;
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        calls.ShouldBe(3);

        _kms.Intercept = _ => throw new HttpRequestException(HttpRequestError.NameResolutionError);
        await ShouldFailAsync(ClientFault.ServerUnreachable, () => client.InitializeAsync());
        _kms.Intercept = _ => throw new HttpRequestException(HttpRequestError.SecureConnectionError);
        int before = _kms.Paths.Count;
        await ShouldFailAsync(ClientFault.TlsNotTrusted, () => client.InitializeAsync());
        _kms.Paths.Count.ShouldBe(before + 1);
    }

    [Theory]
    [InlineData("<a/>")]
    [InlineData("")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    public async Task What_is_no_answer_is_refused(string xml)
    {
        _kms.BendXml = _ => xml;
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.KmsAnswerMalformed, () => client.InitializeAsync());
    }

    [Fact]
    public async Task An_answer_that_does_not_end_is_cut_off()
    {
        _kms.Intercept = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Blanks()) };
        using KmClient client = Client(o => o with { MaxAnswerOctets = 100_000 });

        await ShouldFailAsync(ClientFault.AnswerTooLarge, () => client.InitializeAsync());
    }

    [Theory]
    [InlineData("http://kms.test")]
    [InlineData("https://kms.test/?x=1")]
    [InlineData("kms.test")]
    public void A_KMS_is_at_an_https_URL(string url) =>
        ShouldFail(ClientFault.UrlNotHttps, () => Client(o => o with { KmsUrl = url }).Dispose());

    private static string ReplaceLast(string xml, string element, byte[] key)
    {
        MatchCollection matches = Regex.Matches(xml, $"(?<=<{element}[^>]*>)[0-9A-F]+(?=<)");
        return matches.Count == 0 ? xml : xml[..matches[^1].Index] + Convert.ToHexString(key) + xml[(matches[^1].Index + matches[^1].Length)..];
    }

    [Fact]
    public void A_handler_that_is_given_does_not_pass_a_proxy_by() =>
        Should.Throw<ArgumentException>(
            () => Client(options => options with { HttpProxy = new HomeHttpProxy { Url = "https://proxy.example.org" } }));

    private KmClient Client(Func<KmClientOptions, KmClientOptions>? change = null)
    {
        KmClientOptions options = new() { KmsUrl = TestKms.Url };
        return new KmClient(change?.Invoke(options) ?? options, _kms, _tokens, _time);
    }

    private sealed class Blanks : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

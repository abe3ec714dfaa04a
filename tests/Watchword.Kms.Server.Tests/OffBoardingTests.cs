using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>Who is disabled or removed gets no key of any period from then on, whatever token he holds.</summary>
public sealed class OffBoardingTests : IAsyncLifetime
{
    private const string Alice = "sip:alice.ptt@mc.test.example";
    private const long Epoch = 1;

    private KmsHost _host = null!;
    private long _sequence;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync(
        ("Authorization:Issuers:0:SecurityEvents:Policy", "Refuse"),
        ("Authorization:Issuers:0:SecurityEvents:MaxSilence", "00:00:30"),
        ("Kms:OpeningWindowFraction", "1"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_disabled_user_is_refused_at_the_very_next_request_for_every_period()
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        await BeginAsync();
        (await _host.KeyProvAsync(_host.Token(), Alice)).Dispose();
        _host.Time.Advance(TimeSpan.FromSeconds(KmsHost.PeriodSeconds));
        await HeartbeatAsync();
        string token = _host.Token();
        using Answer before = await _host.KeyProvAsync(token, Alice);
        before.Status.ShouldBe(HttpStatusCode.OK);

        await PushAsync(SecurityEventTypes.AccountDisabled, TokensEnded(_host.Time.GetUtcNow()));
        foreach (DateTimeOffset? time in new DateTimeOffset?[]
        {
            null, start, start.AddSeconds(KmsHost.PeriodSeconds), start.AddSeconds(2 * KmsHost.PeriodSeconds),
        })
        {
            using Answer refused = await _host.KeyProvAsync(token, time is null ? null : Alice, time);
            (refused.Status, refused.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.RequesterDisabled));
        }

        using Answer init = await _host.PostAsync(AnnexDPaths.Init, token);
        init.Error.ShouldBe(KmsError.RequesterDisabled);
        AuditEntry[] log = [.. (await _host.AuditAsync()).Select(record => record.Entry)];
        log.Count(entry => entry is { Kind: AuditKind.Denied, Subject: "alice", Result: (int)KmsError.RequesterDisabled }).ShouldBe(5);
        log.ShouldContain(entry => entry.Kind == AuditKind.Subject && entry.Subject == "alice"
            && entry.Detail == SecurityEventTypes.AccountDisabled);
    }

    [Fact]
    public async Task Once_enabled_again_a_new_token_counts_and_an_old_one_does_not()
    {
        await BeginAsync();
        string old = _host.Token();
        await PushAsync(SecurityEventTypes.AccountDisabled, TokensEnded(_host.Time.GetUtcNow()));
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        await PushAsync(SecurityEventTypes.AccountEnabled, []);
        using Answer refused = await _host.KeyProvAsync(old, Alice);
        (refused.Status, refused.Error).ShouldBe((HttpStatusCode.Unauthorized, KmsError.InvalidToken));
        using Answer again = await _host.KeyProvAsync(_host.Token(), Alice);
        again.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_standing_survives_a_restart()
    {
        await BeginAsync();
        await PushAsync(SecurityEventTypes.AccountPurged, TokensEnded(_host.Time.GetUtcNow()));
        await _host.StartAgainAsync();
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        using Answer refused = await _host.KeyProvAsync(_host.Token(), Alice);
        refused.Error.ShouldBe(KmsError.RequesterDisabled);
        using Answer other = await _host.KeyProvAsync(_host.Token(("sub", "bob")), "sip:alice.video@mc.test.example");
        other.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_issuer_that_is_silent_for_too_long_keys_nobody()
    {
        using Answer never = await _host.KeyProvAsync(_host.Token(), Alice);
        (never.Status, never.Error).ShouldBe((HttpStatusCode.ServiceUnavailable, KmsError.StandingUnknown));
        never.Headers.RetryAfter.ShouldNotBeNull();
        await BeginAsync();
        using Answer heard = await _host.KeyProvAsync(_host.Token(), Alice);
        heard.Status.ShouldBe(HttpStatusCode.OK);
        _host.Time.Advance(TimeSpan.FromSeconds(31));
        using Answer silent = await _host.KeyProvAsync(_host.Token(), Alice);
        silent.Error.ShouldBe(KmsError.StandingUnknown);
        await HeartbeatAsync();
        using Answer again = await _host.KeyProvAsync(_host.Token(), Alice);
        again.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_issuer_that_falls_silent_while_a_body_is_sent_slowly_keys_nobody()
    {
        await BeginAsync();
        string token = _host.Token();
        byte[] body = _host.Request(AnnexDPaths.KeyProv(), time: _host.Time.GetUtcNow().AddSeconds(36));
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        await connection.SendAsync(
            $"POST {AnnexDPaths.KeyProv()} HTTP/1.1\r\nHost: localhost:{_host.Address.Port}\r\nAuthorization: Bearer {token}\r\n"
            + $"Content-Type: application/xml\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");

        // The body is asked for once the token was let in.
        (await connection.ReadAnswerAsync()).ShouldContain("100");
        _host.Time.Advance(TimeSpan.FromSeconds(36));
        await connection.SendAsync(body);
        (await connection.ReadAnswerAsync()).ShouldContain("503");
        (await _host.AuditAsync())[^1].Entry.Result.ShouldBe((int)KmsError.IssuerSilent);
    }

    [Fact]
    public async Task An_identity_that_moved_is_not_keyed_for_its_new_holder_before_the_next_period()
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        await BeginAsync();
        (await _host.KeyProvAsync(_host.Token(), Alice)).Dispose();
        string bob = _host.Token(("sub", "bob"));
        using Answer moved = await _host.KeyProvAsync(bob, Alice);
        (moved.Status, moved.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.IdentityMoved));
        using Answer next = await _host.KeyProvAsync(bob, Alice, start.AddSeconds(KmsHost.PeriodSeconds));
        next.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_was_prepared_for_a_user_who_is_disabled_is_to_be_erased()
    {
        await BeginAsync();
        await PushAsync(SecurityEventTypes.AccountEnabled, []);
        _host.Barred.ShouldBeEmpty();
        await PushAsync(SecurityEventTypes.AccountDisabled, TokensEnded(_host.Time.GetUtcNow()));
        _host.Barred.ShouldBe([(TestIssuer.Name, "alice")]);
    }

    [Fact]
    public async Task An_erasing_that_fails_is_asked_for_again_and_the_user_is_barred_all_the_while()
    {
        await BeginAsync();
        _host.BarringFailures = 1;
        Dictionary<string, object?> ended = TokensEnded(_host.Time.GetUtcNow());
        HttpStatusCode first = await StatusOfAsync(SecurityEventTypes.AccountDisabled, ended, ++_sequence);
        ((int)first).ShouldBeGreaterThanOrEqualTo(500);
        _host.Barred.ShouldBeEmpty();
        using (Answer refused = await _host.KeyProvAsync(_host.Token()))
        {
            refused.Status.ShouldNotBe(HttpStatusCode.OK);
        }

        // The issuer delivers it again because it was not acknowledged.
        (await StatusOfAsync(SecurityEventTypes.AccountDisabled, ended, _sequence)).ShouldBe(HttpStatusCode.Accepted);
        _host.Barred.ShouldBe([(TestIssuer.Name, "alice")]);
    }

    [Fact]
    public async Task Every_403_of_a_known_requester_is_in_the_audit_log()
    {
        await BeginAsync();
        byte[] body = _host.Request(AnnexDPaths.Init, userUri: "sip:eve@mc.test.example");
        using Answer foreign = await _host.PostAsync(AnnexDPaths.Init, _host.Token(), body);
        foreign.Error.ShouldBe(KmsError.UserUriNotRequesters);
        using Answer scope = await _host.PostAsync(AnnexDPaths.Init, _host.Token(("scope", "openid")));
        scope.Error.ShouldBe(KmsError.InsufficientScope);

        // Nobody is known: the log is not for strangers to fill.
        using Answer stranger = await _host.PostAsync(AnnexDPaths.Init, token: null);
        stranger.Error.ShouldBe(KmsError.NoToken);
        AuditEntry[] denied = [.. (await _host.AuditAsync()).Select(record => record.Entry).Where(entry => entry.Kind == AuditKind.Denied)];
        denied.Select(entry => ((KmsError)entry.Result, entry.Subject)).ShouldBe(
            [(KmsError.UserUriNotRequesters, "alice"), (KmsError.InsufficientScope, "alice")]);
    }

    private static Dictionary<string, object?> TokensEnded(DateTimeOffset time) =>
        new() { [SecurityEventNames.TokensEnded] = time.ToUnixTimeSeconds() };

    private async Task BeginAsync()
    {
        await PushAsync(SecurityEventTypes.Snapshot, new Dictionary<string, object?>
        {
            [SecurityEventNames.Page] = 1,
            [SecurityEventNames.Last] = true,
            [SecurityEventNames.Disabled] = Array.Empty<string>(),
            [SecurityEventNames.Removed] = Array.Empty<string>(),
            [SecurityEventNames.TokensEnded] = new Dictionary<string, object?>(),
        });
        await HeartbeatAsync();
    }

    private Task HeartbeatAsync() => SendAsync(
        SecurityEventTypes.Heartbeat, new Dictionary<string, object?> { [SecurityEventNames.Newest] = JtiOf(_sequence) },
        _sequence, "heartbeat", hasSubject: false);

    private Task PushAsync(string type, Dictionary<string, object?> members)
    {
        long number = ++_sequence;
        return SendAsync(type, members, number, JtiOf(number), hasSubject: type != SecurityEventTypes.Snapshot);
    }

    private static string JtiOf(long sequence) => $"event-{sequence}";

    private async Task SendAsync(
        string type, Dictionary<string, object?> members, long sequence, string jti, bool hasSubject) =>
        (await StatusOfAsync(type, members, sequence, jti, hasSubject)).ShouldBe(HttpStatusCode.Accepted);

    private Task<HttpStatusCode> StatusOfAsync(string type, Dictionary<string, object?> members, long sequence) =>
        StatusOfAsync(type, members, sequence, JtiOf(sequence), hasSubject: true);

    private async Task<HttpStatusCode> StatusOfAsync(
        string type, Dictionary<string, object?> members, long sequence, string jti, bool hasSubject)
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        Dictionary<string, object?> claims = new()
        {
            ["iss"] = TestIssuer.Name,
            ["aud"] = TestIssuer.Audience,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["jti"] = jti,
            [SecurityEventNames.TimeOfEvent] = now.ToUnixTimeSeconds(),
            [SecurityEventNames.Epoch] = Epoch,
            [SecurityEventNames.Sequence] = sequence,
            ["events"] = new Dictionary<string, object?> { [type] = members },
        };
        if (hasSubject)
        {
            claims[SecurityEventNames.SubjectId] = new Dictionary<string, object?>
            {
                ["format"] = SecurityEventNames.IssuerSubjectFormat, ["iss"] = TestIssuer.Name, ["sub"] = "alice",
            };
        }

        using StringContent content = new(_host.Issuer.Sign(claims, type: SecurityEventNames.TokenType), Encoding.ASCII);
        content.Headers.ContentType = new MediaTypeHeaderValue(SecurityEventNames.ContentType);
        using HttpResponseMessage answer = await _host.Client.PostAsync(KmsServerExtensions.SecurityEventsPath, content, Token);
        return answer.StatusCode;
    }
}

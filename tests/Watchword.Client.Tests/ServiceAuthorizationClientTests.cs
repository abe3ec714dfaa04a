using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.Client.Tests;

/// <summary>What becomes of the CSK with each answer, and with none (TS 33.180 5.4; TS 24.379 7.2).</summary>
public sealed class ServiceAuthorizationClientTests : IAsyncLifetime
{
    private const string Device = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";
    private static readonly PocSettings Settings = new() { Entities = [new PocSettingsEntity { Id = Device, SelectedUserProfileIndex = 1 }] };

    private readonly TestProfile _profile = new();
    private readonly List<SipRequest> _sent = [];
    private KeyStore _store = null!;
    private ServiceAuthorizationClient _client = null!;
    private Func<SipResponse> _answer = () => new SipResponse(200);

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(_store);
        _ = _store.KeepRootCertificate(TestDomain.Home.Certificate);
        DateTimeOffset now = _profile.Time.GetUtcNow();
        KeyManagement.KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(now);
        using (KeyManagement.KmsKeySet keySet = TestDomain.Home.Issue(_store.Identity!.For(McService.Mcptt)!, period.Number))
        {
            _store.KeepKeySets([StoredKeySet.From(keySet, period, _store.Root!, now)]);
        }

        _client = new ServiceAuthorizationClient(
            tokens, new ServiceKeyExchange(_store, _profile.Time, new ServiceKeyExchangeOptions()),
            new ServiceAuthorizationOptions
            {
                Service = McService.Mcptt, ServerUri = "sip:mcptt@mcx.lab.example", McxDomainUri = TestParty.McxServer,
                PublicUserIdentity = "sip:alice@ims.lab.example", ClientId = Device,
            },
            (request, _) =>
            {
                _sent.Add(request);
                return Task.FromResult(_answer());
            });
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task One_that_the_server_took_takes_the_place_of_the_one_before()
    {
        (await _client.AuthorizeAsync(Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        ServiceKeyInfo first = _client.Csk!;
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        (await _client.AuthorizeAsync(Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);

        _client.Csk!.KeyId.ShouldNotBe(first.KeyId);
        Usable().ShouldBe([_client.Csk.KeyId]);
    }

    [Fact]
    public async Task One_that_it_refused_ends_and_the_one_before_stays()
    {
        _ = await _client.AuthorizeAsync(Settings);
        uint first = _client.Csk!.KeyId;
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        _answer = () => Refusal(403, "101 service authorisation failed");

        ServiceAuthorizationResult result = await _client.AuthorizeAsync(Settings);

        (result.Outcome, result.WarningCode).ShouldBe((ServiceAuthorizationOutcome.Refused, 101));
        _client.Csk.KeyId.ShouldBe(first);
        Usable().ShouldBe([first]);
    }

    [Fact]
    public async Task Without_an_answer_the_one_before_is_used_on()
    {
        _ = await _client.AuthorizeAsync(Settings);
        uint first = _client.Csk!.KeyId;
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        _answer = () => throw new OperationCanceledException();

        await Should.ThrowAsync<OperationCanceledException>(() => _client.AuthorizeAsync(Settings));

        _client.Csk!.KeyId.ShouldBe(first);
        Usable().Length.ShouldBe(2, "the server may have either");
    }

    [Theory]
    [InlineData(200, null, 1)]
    [InlineData(403, "101 service authorisation failed", 2)]
    [InlineData(404, "141 user unknown to the participating function", 0)]
    public async Task The_next_answer_ends_keys_that_had_none(int status, string? warning, int usable)
    {
        _ = await _client.AuthorizeAsync(Settings);
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        _answer = () => throw new OperationCanceledException();
        await Should.ThrowAsync<OperationCanceledException>(() => _client.AuthorizeAsync(Settings));
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        _answer = () => Refusal(status, warning);

        _ = await _client.AuthorizeAsync(Settings);

        Usable().Length.ShouldBe(usable);
        (_client.Csk is null).ShouldBe(usable == 0);
        _answer = () => new SipResponse(200);
        if (usable > 0)
        {
            _ = await _client.LogOffAsync();
        }

        Usable().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_goes_out_plain_for_want_of_a_key()
    {
        _ = await _client.AuthorizeAsync(Settings);
        _ = await _client.LogOffAsync();
        bool isAsked = false;
        _answer = () =>
        {
            isAsked = true;
            return new SipResponse(200);
        };

        foreach (Func<Task> act in (Func<Task>[])[() => _client.UpdateAsync(Settings), () => _client.LogOffAsync()])
        {
            (await Should.ThrowAsync<WatchwordClientException>(act)).Fault.ShouldBe(ClientFault.ServiceKeyNotFound);
        }

        isAsked.ShouldBeFalse();
    }

    [Theory]
    [InlineData(403, "140 unable to decrypt XML content", ServiceAuthorizationOutcome.ProtectionRefused)]
    [InlineData(404, "141 user unknown to the participating function", ServiceAuthorizationOutcome.UserUnknown)]
    [InlineData(412, null, ServiceAuthorizationOutcome.Superseded)]
    [InlineData(486, "164 maximum number of service authorizations reached", ServiceAuthorizationOutcome.TooManyClients)]
    [InlineData(488, null, ServiceAuthorizationOutcome.OtherSecurityDomain)]
    [InlineData(500, null, ServiceAuthorizationOutcome.TryLater)]
    [InlineData(420, null, ServiceAuthorizationOutcome.Failed)]
    public async Task An_answer_has_one_meaning(int status, string? warning, ServiceAuthorizationOutcome outcome)
    {
        _ = await _client.AuthorizeAsync(Settings);
        _answer = () => Refusal(status, warning);

        (await _client.UpdateAsync(Settings)).Outcome.ShouldBe(outcome);

        // Without an authorisation there is nothing to protect with its key.
        (_client.Csk is null).ShouldBe(outcome == ServiceAuthorizationOutcome.UserUnknown);
    }

    [Fact]
    public async Task Log_off_ends_the_key()
    {
        _ = await _client.AuthorizeAsync(Settings);
        (await _client.LogOffAsync()).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        _client.Csk.ShouldBeNull();
        Usable().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_publication_that_stands_is_modified_and_one_that_is_not_known_made_anew()
    {
        _client.Resume("kept", null);
        Queue<SipResponse> answers = new([new SipResponse(412), Tagged("fresh"), Tagged("next")]);
        _answer = answers.Dequeue;

        (await _client.AuthorizeAsync(Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        _profile.Time.Advance(TimeSpan.FromSeconds(2));
        (await _client.AuthorizeAsync(Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);

        _sent.Select(request => request.Headers.IfMatch).ShouldBe(["kept", null, "fresh"]);
        _client.EntityTag.ShouldBe("next");
        Usable().ShouldBe([_client.Csk!.KeyId], "those that were not taken are wiped");
    }

    [Theory]
    [InlineData(200, null, ServiceAuthorizationOutcome.Done, 1)]
    [InlineData(404, "141 user unknown to the participating function", ServiceAuthorizationOutcome.UserUnknown, 0)]
    public async Task What_goes_into_a_register_is_confirmed_by_settings(
        int status, string? warning, ServiceAuthorizationOutcome outcome, int usable)
    {
        IReadOnlyList<SipBodyPart> parts = await _client.OfferAsync();
        parts.Select(part => part.ContentType.Essence).ShouldBe(
            ["application/vnd.3gpp.mcptt-info+xml", McServices.BodySignatures.MediaType, "application/mikey"]);
        parts.Select(part => part.ContentId).ShouldAllBe(id => id!.Contains("mcptt", StringComparison.Ordinal));
        _sent.ShouldBeEmpty();
        _answer = () => Refusal(status, warning);

        (await _client.ConfirmAsync(Settings)).Outcome.ShouldBe(outcome);

        _sent.ShouldHaveSingleItem().Method.ShouldBe(SipMethods.Publish);
        Usable().Length.ShouldBe(usable);
        (_client.Csk is not null).ShouldBe(usable == 1);
    }

    private static SipResponse Tagged(string tag)
    {
        SipResponse response = new(200);
        response.Headers.Add(SipHeaderNames.SipETag, tag);
        return response;
    }

    private static SipResponse Refusal(int status, string? warning)
    {
        SipResponse response = new(status);
        if (warning is not null)
        {
            response.Headers.Add(SipHeaderNames.Warning, $"399 mcx.lab.example \"{warning}\"");
        }

        return response;
    }

    private uint[] Usable() => [.. _store.ServiceKeys.Where(key => !key.IsRevoked).Select(key => key.KeyId)];
}

using Watchword.Client.Tests.Support;
using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Client.Tests;

/// <summary>The end of a CSK, and another one of the server's in its place (TS 33.180 5.8, 9.2.1).</summary>
public sealed class CskLifeTests
{
    private const string Group = "sip:rescue@lab.example";

    [Fact]
    public async Task Before_its_end_another_takes_its_place_and_until_then_the_publication_is_refreshed()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync(
            options => options with { CskLifetime = TimeSpan.FromHours(8), CskRenewalMargin = TimeSpan.FromMinutes(10) });
        party.Client.CskRenewalDue.ShouldBeNull();
        _ = await party.Client.KeepAsync(AuthorizedClient.Settings);
        ServiceKeyInfo first = party.Client.Csk!;
        party.Client.CskRenewalDue.ShouldBe(party.Profile.Time.GetUtcNow() + new TimeSpan(7, 50, 0));

        party.Profile.Time.Advance(new TimeSpan(7, 49, 0));
        _ = await party.Client.KeepAsync(AuthorizedClient.Settings);
        (party.Client.Csk!.KeyId, party.Sent[^1].Body.Length, party.Sent[^1].Headers.IfMatch).ShouldBe((first.KeyId, 0, "tag"));

        party.Profile.Time.Advance(TimeSpan.FromMinutes(1));
        (await party.Client.KeepAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        party.Client.Csk!.KeyId.ShouldNotBe(first.KeyId);
        party.Usable().ShouldBe([party.Client.Csk.KeyId]);
        using TakenServiceKey taken = Uploaded(party);
        taken.Key.KeyId.ShouldBe(party.Client.Csk.KeyId);
    }

    [Theory]
    [InlineData(412, null)]
    [InlineData(404, "141 user unknown to the participating function")]
    public async Task Where_the_server_knows_it_no_more_it_is_authorised_anew(int status, string? warning)
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.KeepAsync(AuthorizedClient.Settings);
        uint first = party.Client.Csk!.KeyId;
        party.Client.CskRenewalDue.ShouldBeNull("it lives as long as the authorisation");
        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        party.Answer = request => request.Body.Length > 0 ? AuthorizedClient.Taken()
            : warning is null ? new SipResponse(status) : AuthorizedClient.Refusal(status, warning);

        (await party.Client.KeepAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);

        party.Usable().ShouldBe([party.Client.Csk!.KeyId]);
        party.Client.Csk.KeyId.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_CSK_of_the_server_is_used_at_once_and_the_old_one_receives_until_the_server_used_the_new_one()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        uint old = party.Client.Csk!.KeyId;
        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));

        ServiceKeyDelivery delivery = party.Client.TakeKey(Csk(party, out uint made)).ShouldNotBeNull();

        (delivery.Response.StatusCode, delivery.Key!.KeyId, party.Client.Csk.KeyId).ShouldBe((200, made, made));
        party.Client.ReceivingCsks.Select(key => key.KeyId).ShouldBe([made, old]);
        party.Usable().ShouldBe([old, made], ignoreOrder: true);
        (await party.Client.UpdateAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        ProtectedUnder(party.Sent[^1]).ShouldBe(made);
        party.Usable().ShouldBe([made]);
        party.Client.ReceivingCsks.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Something_verified_under_the_new_one_ends_the_old_one_and_nothing_else_does()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        uint old = party.Client.Csk!.KeyId;
        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        _ = party.Client.TakeKey(Csk(party, out uint made));

        party.Client.ConfirmCsk(old);
        party.Client.ReceivingCsks.Count.ShouldBe(2);
        party.Client.ConfirmCsk(made);

        party.Usable().ShouldBe([made]);
    }

    [Fact]
    public async Task A_server_whose_answer_was_lost_gets_what_it_knows_and_its_next_attempt_changes_nothing()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        uint old = party.Client.Csk!.KeyId;
        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        _ = party.Client.TakeKey(Download(party, key));
        party.Answer = request => ProtectedUnder(request) == old
            ? AuthorizedClient.Taken()
            : AuthorizedClient.Refusal(403, "139 integrity protection check failed");

        (await party.Client.UpdateAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        (ProtectedUnder(party.Sent[^2]), ProtectedUnder(party.Sent[^1])).ShouldBe((key.KeyId, old));
        party.Client.Csk!.KeyId.ShouldBe(key.KeyId);
        party.Profile.Time.Advance(TimeSpan.FromSeconds(5));
        ServiceKeyDelivery again = party.Client.TakeKey(Download(party, key)).ShouldNotBeNull();

        again.Response.StatusCode.ShouldBe(200);
        party.Client.ReceivingCsks.Select(held => held.KeyId).ShouldBe([key.KeyId, old]);
        party.Answer = _ => AuthorizedClient.Taken();
        (await party.Client.LogOffAsync()).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
        party.Usable().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_MuSiK_goes_into_the_store_and_leaves_the_CSK()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        uint csk = party.Client.Csk!.KeyId;
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Musik);
        MadeServiceKey made = party.Server.Keys.Compose(
            KeyDistribution.Musik, key, [party.UserId], new ServiceKeyTerms { GroupIds = [Group] });

        ServiceKeyDelivery delivery = party.Client.TakeKey(AuthorizedClient.Message(made.Messages[0].Octets)).ShouldNotBeNull();

        (delivery.Response.StatusCode, delivery.Key!.Purpose, delivery.Key.KeyId).ShouldBe((200, KeyPurpose.Musik, key.KeyId));
        party.Client.Csk.KeyId.ShouldBe(csk);
        party.Store.FindSendingKey(ServiceKeyScope.ForGroup(party.UserId, Group, KeyPurpose.Musik))!.KeyId.ShouldBe(key.KeyId);
    }

    [Fact]
    public async Task What_is_altered_repeated_or_of_nobody_that_may_is_refused_and_changes_nothing()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        SipRequest early = Csk(party, out _);
        party.Client.TakeKey(early)!.Response.StatusCode.ShouldBe(480, "there is none that it could take the place of");
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        uint csk = party.Client.Csk!.KeyId;
        using TestParty stranger = await TestParty.CreateAsync(party.Profile, "sip:other@lab.example", isEntity: true);
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        byte[] foreign = stranger.Keys.Compose(KeyDistribution.CskDownload, key, [party.UserId]).Messages[0].Octets.ToArray();
        byte[] altered = Part(Csk(party, out _)).ToArray();
        altered[^70] ^= 1;
        SipRequest stale = Csk(party, out _);

        Refused(party, AuthorizedClient.Message(foreign)).ShouldBe((403, ClientFault.InitiatorNotAllowed));
        Refused(party, AuthorizedClient.Message(altered)).ShouldBe((403, ClientFault.MessageNotAuthentic));
        Refused(party, AuthorizedClient.Message("no message"u8.ToArray())).ShouldBe((400, ClientFault.MessageMalformed));
        party.Profile.Time.Advance(TimeSpan.FromMinutes(20));
        Refused(party, stale).ShouldBe((403, ClientFault.MessageNotFresh));
        party.Client.Csk.KeyId.ShouldBe(csk);
        party.Usable().ShouldBe([csk]);

        SipRequest good = Csk(party, out uint made);
        party.Client.TakeKey(good)!.IsTaken.ShouldBeTrue();
        Refused(party, good).ShouldBe((403, ClientFault.MessageReplayed));
        party.Client.Csk.KeyId.ShouldBe(made);
    }

    [Fact]
    public async Task What_is_for_another_user_or_service_or_is_no_key_is_left_to_others()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        ReadOnlyMemory<byte> others = party.Server.Keys.Compose(
            KeyDistribution.CskDownload, key, ["sip:bob@mc.lab.example"]).Messages[0].Octets;
        ReadOnlyMemory<byte> own = Part(Csk(party, out _));

        party.Client.TakeKey(AuthorizedClient.Message(others)).ShouldBeNull();
        party.Client.TakeKey(AuthorizedClient.Message(own, service: McServiceNames.McVideo.Icsi)).ShouldBeNull();
        party.Client.TakeKey(AuthorizedClient.Message("hello"u8.ToArray(), "text/plain")).ShouldBeNull();
        party.Client.TakeKey(AuthorizedClient.Message(own, service: McServiceNames.Mcptt.Icsi))!.IsTaken.ShouldBeTrue();
    }

    private static (int, ClientFault?) Refused(AuthorizedClient party, SipRequest message)
    {
        ServiceKeyDelivery delivery = party.Client.TakeKey(message).ShouldNotBeNull();
        delivery.IsTaken.ShouldBeFalse();
        return (delivery.Response.StatusCode, delivery.Fault);
    }

    private static SipRequest Csk(AuthorizedClient party, out uint keyId)
    {
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        keyId = key.KeyId;
        return Download(party, key);
    }

    private static SipRequest Download(AuthorizedClient party, MikeyKey key) => AuthorizedClient.Message(
        party.Server.Keys.Compose(KeyDistribution.CskDownload, key, [party.UserId]).Messages[0].Octets);

    private static ReadOnlyMemory<byte> Part(SipRequest message) => AuthorizedClient.Part(message, "application/mikey")!.Content;

    /// <summary>The CSK that the server took from the last request.</summary>
    private static TakenServiceKey Uploaded(AuthorizedClient party) => party.Server.With(
        options => options with { Expects = [KeyDistribution.CskUpload] }).Take(Part(party.Sent[^1]).Span);

    private static uint ProtectedUnder(SipRequest request) =>
        BodySignatures.Parse(AuthorizedClient.Part(request, BodySignatures.MediaType)!.Content).XpkId;
}

using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.McServices.Xcap;
using Watchword.Sip;

namespace Watchword.Client.Tests;

/// <summary>A subscription to documents at the subscriber (TS 24.484 6.3.13, TS 24.481 6.3.13; RFC 5875, RFC 6665 §4.1).</summary>
public sealed class DocumentSubscriptionClientTests : IAsyncLifetime
{
    private const string Server = "sip:gms@lab.example";
    private static readonly DocumentSelector Document = GroupClient.DocumentOf("sip:team@lab.example");

    private readonly TestProfile _profile = new();
    private readonly List<SipRequest> _sent = [];
    private KeyStore _store = null!;
    private DocumentSubscriptionClient _client = null!;
    private int _status = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        _client = new DocumentSubscriptionClient(
            await _profile.LogInToStoreAsync(_store),
            new DocumentSubscriptionOptions
            {
                Service = McService.Mcptt, Resource = McResource.GroupManagement, ServerUri = Server,
                PublicUserIdentity = "sip:alice@ims.lab.example", Contact = "sip:alice@127.0.0.1:5070;transport=tcp",
            },
            (request, _) =>
            {
                _sent.Add(request);
                return Task.FromResult(Answer(request));
            },
            _profile.Time);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_sends_token_and_documents_and_takes_what_is_notified()
    {
        (await _client.SubscribeAsync([Document], Cancel)).StatusCode.ShouldBe(200);
        SipRequest subscribe = _sent.ShouldHaveSingleItem();
        subscribe.Headers[SipHeaderNames.Event].ShouldBe("xcap-diff;diff-processing=no-patching");
        SipBody.Read(subscribe).Select(part => part.ContentType.Essence).ShouldBe(
            [McServiceNames.Mcptt.InfoMediaType, ResourceLists.MediaType]);
        McInfo.Parse(SipBody.Read(subscribe)[0].Content).AccessToken!.IsEncrypted.ShouldBeFalse();
        ResourceLists.Parse(SipBody.Read(subscribe)[1].Content).Entries.ShouldHaveSingleItem().Uri.ShouldBe(Document.ToString());

        XcapDiff diff = new()
        {
            XcapRoot = "https://gms.lab.example/gms", Documents = [XcapDiffDocument.Existing(Document.ToString(), "\"1\"")],
        };
        Take(Notify(
            1, "active;expires=3600", SipBodyPart.Create(XcapDiff.MediaType, diff.Write()),
            SipBodyPart.Create("application/mikey", "key"u8.ToArray()))).ShouldBe(200);
        DocumentNotification notification = await _client.NextAsync(Cancel);
        notification.State.Phase.ShouldBe(SubscriptionPhase.Active);
        notification.Changes!.Documents.ShouldHaveSingleItem().NewEtag.ShouldBe("\"1\"");
        notification.KeyMessages.ShouldHaveSingleItem().ToArray().ShouldBe("key"u8.ToArray());
    }

    [Fact]
    public async Task A_notification_may_overtake_the_response()
    {
        int status = 0;
        DocumentSubscriptionClient client = null!;
        client = new DocumentSubscriptionClient(
            await _profile.LogInToStoreAsync(_store),
            new DocumentSubscriptionOptions
            {
                Service = McService.Mcptt, Resource = McResource.GroupManagement, ServerUri = Server,
                PublicUserIdentity = "sip:alice@ims.lab.example", Contact = "sip:alice@127.0.0.1:5070;transport=tcp",
            },
            (request, _) =>
            {
                _sent.Add(request);
                client.TryTake(Notify(1, "active;expires=60"), out SipResponse? response).ShouldBeTrue();
                status = response.StatusCode;
                return Task.FromResult(Answer(request));
            },
            _profile.Time);

        (await client.SubscribeAsync([Document], Cancel)).StatusCode.ShouldBe(200);

        status.ShouldBe(200);
        client.Dialog!.Dialog.RemoteTag.ShouldBe("server");
    }

    [Fact]
    public async Task What_is_about_another_subscription_or_malformed_is_not_taken()
    {
        _ = await _client.SubscribeAsync([Document], Cancel);
        SipRequest other = Notify(1, "active");
        other.Headers.Set(SipHeaderNames.CallId, "another");
        _client.TryTake(other, out _).ShouldBeFalse();
        Take(Notify(2, "active", SipBodyPart.Create(XcapDiff.MediaType, "<no"u8.ToArray()))).ShouldBe(400);
        Take(Notify(3, "asleep")).ShouldBe(400);
        Take(Notify(1, "active")).ShouldBe(500, "older than one that came");
    }

    [Theory]
    [InlineData(403, false)]
    [InlineData(500, false)]
    [InlineData(200, true)]
    public async Task Only_what_was_granted_stands(int status, bool stands)
    {
        _status = status;
        (await _client.SubscribeAsync([Document], Cancel)).StatusCode.ShouldBe(status);
        (_client.Dialog is not null).ShouldBe(stands);
    }

    [Fact]
    public async Task It_goes_on_after_a_restart_and_ends()
    {
        _ = await _client.SubscribeAsync([Document], Cancel);
        SubscriberDialog kept = _client.Dialog! with { LocalContact = "sip:alice@127.0.0.1:1" };
        _client.Resume(kept);

        (await _client.RefreshAsync(Cancel)).StatusCode.ShouldBe(200);
        (await _client.UnsubscribeAsync(Cancel)).StatusCode.ShouldBe(200);

        _sent.Select(request => (request.Headers.CSeq!.Value.Number, request.Headers.To!.Tag, request.Headers.Expires)).ShouldBe(
            [(1u, null, 3600u), (2u, "server", 3600u), (3u, "server", 0u)]);
        _sent.ShouldAllBe(request => request.Headers.Contact[0].Uri.ToString() == "sip:alice@127.0.0.1:5070;transport=tcp");
        SipBody.Read(_sent[1]).ShouldHaveSingleItem().ContentType.Essence.ShouldBe(McServiceNames.Mcptt.InfoMediaType);
        _sent[2].Body.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_the_server_does_not_know_any_more_is_over()
    {
        _ = await _client.SubscribeAsync([Document], Cancel);
        _status = 481;
        (await _client.RefreshAsync(Cancel)).StatusCode.ShouldBe(481);
        _client.Dialog.ShouldBeNull();
        await Should.ThrowAsync<InvalidOperationException>(() => _client.UnsubscribeAsync(Cancel));
    }

    private int Take(SipRequest notify)
    {
        _client.TryTake(notify, out SipResponse? response).ShouldBeTrue();
        return response.StatusCode;
    }

    private SipResponse Answer(SipRequest request)
    {
        SipResponse response = request.CreateResponse(_status, null, "server");
        response.Headers.Add(SipHeaderNames.Contact, $"<{Server}>");
        response.Headers.Add(SipHeaderNames.Expires, "3600");
        return response;
    }

    /// <summary>A NOTIFY inside the dialog of the last SUBSCRIBE.</summary>
    private SipRequest Notify(uint number, string state, params SipBodyPart[] parts)
    {
        SipRequest subscribe = _sent[^1];
        SipRequest notify = new(SipMethods.Notify, subscribe.Headers.Contact[0].Uri);
        notify.Headers.Add(SipHeaderNames.From, new SipAddress(SipUri.Parse(Server)).WithTag("server").ToString());
        notify.Headers.Add(SipHeaderNames.To, subscribe.Headers[SipHeaderNames.From]!);
        notify.Headers.Add(SipHeaderNames.CallId, subscribe.Headers.CallId!);
        notify.Headers.Add(SipHeaderNames.CSeq, $"{number} NOTIFY");
        notify.Headers.Add(SipHeaderNames.Event, XcapDiff.EventPackage);
        notify.Headers.Add(SipHeaderNames.SubscriptionState, state);
        SipBody.Write(notify, parts);
        return notify;
    }
}

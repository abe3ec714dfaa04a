using System.Text.Json;

namespace Watchword.Sip.Tests;

/// <summary>RFC 6665: a subscriber and a notifier of this library against each other, and what each refuses.</summary>
public sealed class SubscriptionTests
{
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SipUri _notifier = SipUri.Parse("sip:cms@10.0.0.1:5060");
    private static readonly SipUri _subscriber = SipUri.Parse("sip:alice@10.0.0.2:5070;transport=tcp");

    private static readonly EventStateRules _rules = new()
    {
        EventPackages = ["xcap-diff"], MediaTypes = ["application/xcap-diff+xml"], MinExpires = 60, MaxExpires = 7200,
    };

    private static (SipRequest Request, SubscriberDialog Next) Subscribe(uint expires = 3600) =>
        SubscriberDialog.Create(Stacks.Psi, Stacks.Alice, Stacks.Psi, _subscriber, "xcap-diff", expires,
            "application/xcap-diff+xml");

    /// <summary>Both sides after SUBSCRIBE and its 200, with two proxies that stay on the way.</summary>
    private static (SubscriberDialog Subscriber, SubscriptionDialog Notifier) Established()
    {
        (SipRequest request, SubscriberDialog subscriber) = Subscribe();
        request.Headers.Add("Record-Route", "<sip:p2;lr>, <sip:p1;lr>");
        SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        string tag = SipTokens.Tag();
        SubscriptionDialog notifier = SubscriptionDialog.Create(read, _notifier, tag, _now);
        return (subscriber.After(read.CreateResponse(_notifier, tag), _now), notifier);
    }

    [Fact]
    public void A_subscription_lives_from_subscribe_to_the_end()
    {
        (SubscriberDialog subscriber, SubscriptionDialog notifier) = Established();
        subscriber.ExpiresAt.ShouldBe(_now.AddSeconds(3600));
        notifier.ExpiresAt.ShouldBe(_now.AddSeconds(3600));
        subscriber.Dialog.RouteSet.ShouldBe(["<sip:p1;lr>", "<sip:p2;lr>"]);
        notifier.Dialog.RouteSet.ShouldBe(["<sip:p2;lr>", "<sip:p1;lr>"]);

        (SipRequest notify, notifier) = notifier.CreateNotify(_now.AddSeconds(600));
        notify.RequestUri.ShouldBe(_subscriber);
        notify.Headers.Route.Select(r => r.Uri.Host).ShouldBe(["p2", "p1"]);
        notify.Headers.SubscriptionState!.ToString().ShouldBe("active;expires=3000");
        subscriber.TryNotify(notify, _now.AddSeconds(600), out SubscriberDialog? next, out SipSubscriptionState? state,
            out _).ShouldBeTrue();
        (state.Phase, state.Expires, next.ExpiresAt).ShouldBe((SubscriptionPhase.Active, 3000u, _now.AddSeconds(3600)));
        subscriber = next;

        (SipRequest refresh, subscriber) = subscriber.CreateSubscribe(7200);
        refresh.RequestUri.ShouldBe(_notifier);
        refresh.Headers.CSeq!.Value.Number.ShouldBe(2u);
        SubscriptionRequest.TryRead(refresh, _rules, out SubscriptionRequest? again, out _).ShouldBeTrue();
        again.IsInDialog.ShouldBeTrue();
        notifier.TryRefresh(again, _now.AddSeconds(700), out SubscriptionDialog? refreshed, out _).ShouldBeTrue();
        refreshed.ExpiresAt.ShouldBe(_now.AddSeconds(7900));
        notifier = refreshed;

        (SipRequest end, subscriber) = subscriber.CreateSubscribe(0);
        SubscriptionRequest.TryRead(end, _rules, out SubscriptionRequest? ended, out _).ShouldBeTrue();
        notifier.TryRefresh(ended, _now.AddSeconds(800), out SubscriptionDialog? over, out _).ShouldBeTrue();
        (SipRequest last, over) = over.CreateNotify(_now.AddSeconds(800));
        last.Headers.SubscriptionState!.ToString().ShouldBe("terminated;reason=timeout");
        last.Headers.CSeq!.Value.Number.ShouldBe(2u);
        subscriber.TryNotify(last, _now.AddSeconds(800), out _, out SipSubscriptionState? final, out _).ShouldBeTrue();
        (final.Phase, final.Reason).ShouldBe((SubscriptionPhase.Terminated, "timeout"));
    }

    [Fact]
    public void The_state_survives_storing()
    {
        (SubscriberDialog subscriber, SubscriptionDialog notifier) = Established();
        SubscriptionDialog restored = JsonSerializer.Deserialize<SubscriptionDialog>(JsonSerializer.Serialize(notifier))!;
        SubscriberDialog restoredSubscriber = JsonSerializer.Deserialize<SubscriberDialog>(JsonSerializer.Serialize(subscriber))!;
        (SipRequest notify, _) = restored.CreateNotify(_now);
        restoredSubscriber.TryNotify(notify, _now, out _, out _, out _).ShouldBeTrue();
        notify.Headers.Route.Count.ShouldBe(2);
        restored.ToString().ShouldBe("SubscriptionDialog");
    }

    [Fact]
    public void A_notify_may_come_before_the_response()
    {
        (SipRequest request, SubscriberDialog subscriber) = Subscribe();
        SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        SubscriptionDialog notifier = SubscriptionDialog.Create(read, _notifier, "n1", _now);
        (SipRequest notify, _) = notifier.CreateNotify(_now);
        subscriber.TryNotify(notify, _now, out SubscriberDialog? next, out _, out _).ShouldBeTrue();
        next.Dialog.RemoteTag.ShouldBe("n1");
        next.After(read.CreateResponse(_notifier, "n1"), _now).ExpiresAt.ShouldBe(_now.AddSeconds(3600));

        // A second notifier, where the request was forked.
        next.After(read.CreateResponse(_notifier, "n2"), _now).ShouldBe(next);
        (SipRequest other, _) = SubscriptionDialog.Create(read, _notifier, "n2", _now).CreateNotify(_now);
        next.TryNotify(other, _now, out _, out _, out SipRefusal? refusal).ShouldBeFalse();
        refusal.StatusCode.ShouldBe(481);
    }

    [Theory]
    [InlineData("Event", "presence", 489)]
    [InlineData("Event", null, 489)]
    [InlineData("Contact", null, 400)]
    [InlineData("Contact", "<sip:a@h>, <sip:b@h>", 400)]
    [InlineData("Contact", "<tel:+1>", 400)]
    [InlineData("Contact", "*", 400)]
    [InlineData("Contact", "<sip:a@h?Route=x>", 400)]
    [InlineData("From", "<sip:alice@example.org>", 400)]
    [InlineData("Accept", "application/pidf+xml", 406)]
    [InlineData("Accept", "application/xcap-diff+xml;q=0", 406)]
    [InlineData("Expires", "59", 423)]
    public void A_subscribe_that_does_not_fit_is_refused(string field, string? value, int code)
    {
        (SipRequest request, _) = Subscribe();
        request.Headers.Remove(field);
        if (value is not null)
        {
            request.Headers.Add(field, value);
        }

        SubscriptionRequest.TryRead(request, _rules, out _, out SipRefusal? refusal).ShouldBeFalse();
        refusal.StatusCode.ShouldBe(code);
    }

    [Theory]
    [InlineData(null, 3600u)]
    [InlineData("100000", 7200u)]
    [InlineData("60", 60u)]
    [InlineData("0", 0u)]
    public void The_time_is_granted_within_bounds(string? asked, uint granted)
    {
        (SipRequest request, _) = Subscribe();
        request.Headers.Remove("Expires");
        request.Headers.Remove("Accept");
        if (asked is not null)
        {
            request.Headers.Add("Expires", asked);
        }

        SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        read.Expires.ShouldBe(granted);
        read.CreateResponse(_notifier, "t").Headers.Expires.ShouldBe(granted);
    }

    [Fact]
    public void An_hour_is_never_too_brief()
    {
        (SipRequest request, _) = Subscribe(3600);
        SubscriptionRequest.TryRead(request, _rules with { MinExpires = 86_400 }, out _, out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("Call-ID", "other", 481)]
    [InlineData("To", "<sip:mcptt@example.org>;tag=other", 481)]
    [InlineData("From", "<sip:alice@example.org>;tag=other", 481)]
    [InlineData("Event", "xcap-diff;id=2", 481)]
    [InlineData("CSeq", "1 SUBSCRIBE", 500)]
    public void A_refresh_must_be_of_this_subscription_and_in_order(string field, string value, int code)
    {
        (SubscriberDialog subscriber, SubscriptionDialog notifier) = Established();
        (SipRequest refresh, _) = subscriber.CreateSubscribe(600);
        refresh.Headers.Set(field, value);
        SubscriptionRequest.TryRead(refresh, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        notifier.TryRefresh(read, _now, out _, out SipRefusal? refusal).ShouldBeFalse();
        refusal.StatusCode.ShouldBe(code);
    }

    [Theory]
    [InlineData("Call-ID", "other", 481)]
    [InlineData("To", "<sip:alice@example.org>;tag=other", 481)]
    [InlineData("From", "<sip:mcptt@example.org>;tag=other", 481)]
    [InlineData("From", "<sip:mcptt@example.org>", 481)]
    [InlineData("Event", "presence", 481)]
    [InlineData("Event", "xcap-diff;id=1", 481)]
    [InlineData("Event", null, 481)]
    [InlineData("Subscription-State", null, 400)]
    [InlineData("Subscription-State", "sleeping", 400)]
    [InlineData("Subscription-State", "active;expires=soon", 400)]
    public void A_notify_must_be_of_this_subscription(string field, string? value, int code)
    {
        (SubscriberDialog subscriber, SubscriptionDialog notifier) = Established();
        (SipRequest notify, _) = notifier.CreateNotify(_now);
        notify.Headers.Remove(field);
        if (value is not null)
        {
            notify.Headers.Add(field, value);
        }

        subscriber.TryNotify(notify, _now, out _, out _, out SipRefusal? refusal).ShouldBeFalse();
        refusal.StatusCode.ShouldBe(code);
    }

    [Fact]
    public void A_notify_out_of_order_is_refused()
    {
        (SubscriberDialog subscriber, SubscriptionDialog notifier) = Established();
        (SipRequest first, notifier) = notifier.CreateNotify(_now);
        (SipRequest second, _) = notifier.CreateNotify(_now);
        subscriber.TryNotify(second, _now, out SubscriberDialog? next, out _, out _).ShouldBeTrue();
        next.TryNotify(first, _now, out _, out _, out SipRefusal? refusal).ShouldBeFalse();
        refusal.StatusCode.ShouldBe(500);
    }

    [Theory]
    [InlineData(200, false, NotifyOutcome.Delivered)]
    [InlineData(481, false, NotifyOutcome.Remove)]
    [InlineData(481, true, NotifyOutcome.Remove)]
    [InlineData(404, true, NotifyOutcome.Remove)]
    [InlineData(489, false, NotifyOutcome.Remove)]
    [InlineData(403, false, NotifyOutcome.Remove)]
    [InlineData(403, true, NotifyOutcome.RetryLater)]
    [InlineData(503, false, NotifyOutcome.RetryLater)]
    [InlineData(500, true, NotifyOutcome.RetryLater)]
    public void The_answer_to_a_notify_decides(int code, bool retryAfter, NotifyOutcome outcome)
    {
        (_, SubscriptionDialog notifier) = Established();
        SipResponse response = notifier.CreateNotify(_now).Request.CreateResponse(code);
        if (retryAfter)
        {
            response.Headers.Add("Retry-After", "10");
        }

        SubscriptionDialog.Judge(response).ShouldBe(outcome);
    }

    [Fact]
    public void A_strict_router_becomes_the_target()
    {
        SipDialog dialog = new()
        {
            CallId = "c", LocalTag = "l", RemoteTag = "r", LocalUri = "sip:a@h", RemoteUri = "sip:b@h",
            RemoteTarget = "sip:b@10.0.0.1",
            RouteSet = ["<sip:strict>", "<sip:p1;lr>"],
        };
        (SipRequest request, _) = dialog.CreateRequest(SipMethods.Notify);
        request.RequestUri.ToString().ShouldBe("sip:strict");
        request.Headers.Route.Select(r => r.Uri.ToString()).ShouldBe(["sip:p1;lr", "sip:b@10.0.0.1"]);
    }

    [Fact]
    public void Header_fields_of_a_contact_do_not_get_into_a_request()
    {
        (SipRequest request, SubscriberDialog subscriber) = Subscribe();
        SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        SipResponse response = read.CreateResponse(SipUri.Parse("sip:cms@10.0.0.1;lr?Route=x"), "t");
        subscriber.After(response, _now).CreateSubscribe(0).Request.RequestUri.ToString().ShouldBe("sip:cms@10.0.0.1;lr");
        Should.Throw<ArgumentException>(() => new SipRequest(SipMethods.Message, SipUri.Parse("sip:a@h?b=c")));
    }

    [Fact]
    public void Parameters_of_the_event_and_its_id_are_kept()
    {
        (SipRequest request, _) = Subscribe();
        request.Headers.Set("Event", "xcap-diff;diff-processing=aggregate;id=17");
        SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? read, out _).ShouldBeTrue();
        read.EventId.ShouldBe("17");
        read.Event.Parameters["diff-processing"].ShouldBe("aggregate");
        SubscriptionDialog.Create(read, _notifier, "t",
            _now).CreateNotify(_now).Request.Headers.Event!.ToString().ShouldBe("xcap-diff;id=17");
    }
}

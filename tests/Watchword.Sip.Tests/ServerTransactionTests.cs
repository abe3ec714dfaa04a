using System.Collections.Frozen;
using Microsoft.Extensions.Time.Testing;

namespace Watchword.Sip.Tests;

/// <summary>RFC 3261 §8.2 and §17.2.2, RFC 4320, under a clock that stands still.</summary>
public sealed class ServerTransactionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource<SipResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private CancellationToken _token;

    private static SipRequest Request(string method = SipMethods.Publish, string branch = "z9hG4bK1", string? callId = null)
    {
        SipRequest request = SipRequest.Create(method, Stacks.Psi, Stacks.Alice, Stacks.Alice);
        request.Headers.AddFirst("Via", $"SIP/2.0/UDP h:5070;branch={branch};rport");
        if (callId is not null)
        {
            request.Headers.Set("Call-ID", callId);
        }

        return request;
    }

    private (SipDispatcher Dispatcher, SipServerTransactions Servers) Make(SipPeer? peer = null, int most = 100,
        bool drop = false)
    {
        SipStackOptions options = new()
        {
            TimeProvider = _time, Peers = new([peer ?? Stacks.Loopback]), MaxTransactions = most, DropStrangersOnUdp = drop,
            Extensions = ["path"], MediaTypes = ["application/sdp"], EventPackages = ["poc-settings"],
        };
        SipPeerStates states = new(options);
        SipMetrics metrics = new(null);
        SipServerTransactions servers = new(options, states, metrics);
        Dictionary<string, SipRequestHandler> handlers = new() { [SipMethods.Publish] = Handle, [SipMethods.Register] = Handle };
        return (new(options, handlers.ToFrozenDictionary(), states, servers, new(options, metrics), metrics), servers);
    }

    private Task<SipResponse> Handle(SipServerRequest request, CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        Interlocked.Increment(ref _calls);
        return _answer.Task.WaitAsync(cancellationToken);
    }

    private static RecordingFlow Flow(SipTransport transport = SipTransport.Udp, SipPeer? peer = null) =>
        new RecordingFlow(transport, peer ?? Stacks.Loopback).WithPeer();

    private static Task Take(SipDispatcher dispatcher, SipMessage message, SipFlow flow) =>
        dispatcher.ReceiveAsync(new(SipMessageReader.Read(message.ToArray(), SipLimits.Default, SipFraming.Datagram), flow));

    private static int[] Codes(RecordingFlow flow) => [.. flow.Sent.Cast<SipResponse>().Select(r => r.StatusCode)];

    private async Task WaitForCall()
    {
        while (Volatile.Read(ref _calls) == 0)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_retransmission_reaches_no_handler_and_gets_the_same_response_for_64_T1()
    {
        (SipDispatcher dispatcher, SipServerTransactions servers) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request();
        Task work = Take(dispatcher, request, flow);
        await WaitForCall();
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBeEmpty();

        _answer.SetResult(request.CreateResponse(200));
        await work;
        await Take(dispatcher, request, flow);
        _time.Advance(TimeSpan.FromSeconds(31.9));
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBe([200, 200, 200]);
        flow.Sent.Select(m => Convert.ToHexString(m.ToArray())).Distinct().Count().ShouldBe(1);
        flow.Sent[0].Headers.To!.Tag.ShouldNotBeNull();
        _calls.ShouldBe(1);
        servers.Count.ShouldBe(1);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        servers.Count.ShouldBe(0);
        await Take(dispatcher, request, flow);
        _calls.ShouldBe(2);
    }

    [Fact]
    public async Task On_a_stream_nothing_is_kept_after_the_response()
    {
        (SipDispatcher dispatcher, SipServerTransactions servers) = Make();
        RecordingFlow flow = Flow(SipTransport.Tcp);
        SipRequest request = Request();
        Task work = Take(dispatcher, request, flow);
        await WaitForCall();
        servers.Count.ShouldBe(1);
        _answer.SetResult(request.CreateResponse(200));
        await work;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        servers.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_slow_handler_is_covered_by_100_after_3_5_seconds_and_given_up_after_64_T1()
    {
        (SipDispatcher dispatcher, SipServerTransactions servers) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request();
        Task work = Take(dispatcher, request, flow);
        await WaitForCall();
        _time.Advance(TimeSpan.FromSeconds(3.4));
        Codes(flow).ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Codes(flow).ShouldBe([100]);
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBe([100, 100]);
        _time.Advance(TimeSpan.FromSeconds(28.5));
        _token.IsCancellationRequested.ShouldBeTrue();
        await work;
        Codes(flow).ShouldBe([100, 100]);
        servers.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_that_came_by_another_way_is_a_loop()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request();
        _ = Take(dispatcher, request, flow);
        await WaitForCall();
        request.Headers.Set("Via", "SIP/2.0/UDP h:5070;branch=z9hG4bKother;rport");
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBe([482]);
        request.Headers.Set("CSeq", "2 PUBLISH");
        _ = Take(dispatcher, request, flow);
        Codes(flow).ShouldBe([482]);
        _answer.SetResult(request.CreateResponse(200));
    }

    [Theory]
    [InlineData("INVITE", 405)]
    [InlineData("BYE", 405)]
    [InlineData("NEWMETHOD", 405)]
    [InlineData("publish", 405)]
    [InlineData("CANCEL", 481)]
    [InlineData("OPTIONS", 200)]
    [InlineData("ACK", null)]
    public async Task Methods_without_a_handler_have_their_answer(string method, int? code)
    {
        (SipDispatcher dispatcher, SipServerTransactions servers) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request(method);
        await Take(dispatcher, request, flow);
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBe(code is int expected ? [expected, expected] : []);
        flow.Sent.Select(m => m.Headers.To!.Tag).Distinct().Count().ShouldBe(code is null ? 0 : 1);
        servers.Count.ShouldBe(method == "OPTIONS" ? 1 : 0);
        if (code is 405 or 200)
        {
            flow.Sent[0].Headers.Allow.ShouldBe(["OPTIONS", "PUBLISH", "REGISTER"]);
        }

        if (code is 200)
        {
            flow.Sent[0].Headers.AllowEvents.ShouldBe(["poc-settings"]);
            flow.Sent[0].Headers.Accept[0].Essence.ShouldBe("application/sdp");
        }
    }

    [Fact]
    public async Task A_cancel_has_no_effect_on_what_is_no_invite()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request();
        Task work = Take(dispatcher, request, flow);
        await WaitForCall();
        SipRequest cancel = new(SipMethods.Cancel, request.RequestUri);
        foreach (SipHeader field in request.Headers)
        {
            cancel.Headers.Add(field.Name, field.Name == "CSeq" ? "1 CANCEL" : field.Value);
        }

        await Take(dispatcher, cancel, flow);
        Codes(flow).ShouldBe([200]);
        _token.IsCancellationRequested.ShouldBeFalse();
        _answer.SetResult(request.CreateResponse(204));
        await work;
        Codes(flow).ShouldBe([200, 204]);
    }

    [Fact]
    public async Task An_unknown_extension_scheme_or_version_is_refused()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        SipRequest extension = Request();
        extension.Headers.Add("Require", "path, nothingSupportsThis");
        await Take(dispatcher, extension, flow);
        flow.Sent[0].Headers.Unsupported.ShouldBe(["nothingSupportsThis"]);

        SipRequest scheme = new(SipMethods.Publish, SipUri.Parse("http://example.org/"));
        foreach (SipHeader field in Request(branch: "z9hG4bK2").Headers)
        {
            scheme.Headers.Add(field.Name, field.Value);
        }

        await Take(dispatcher, scheme, flow);
        string text = System.Text.Encoding.UTF8.GetString(Request(branch: "z9hG4bK3").ToArray());
        foreach (string bad in new[] { text.Replace("SIP/2.0\r", "SIP/3.0\r"),
            text.Replace("Max-Forwards: 70", "Max-Forwards: x") })
        {
            byte[] octets = System.Text.Encoding.UTF8.GetBytes(bad);
            await dispatcher.ReceiveAsync(new(SipMessageReader.Read(octets, SipLimits.Default, SipFraming.Datagram), flow));
        }

        SipRequest large = Request(branch: "z9hG4bK4");
        large.Body = new byte[65_000];
        large.Headers.Add("X", new string('x', 2000));
        await Take(dispatcher, large, flow);
        Codes(flow).ShouldBe([420, 416, 505, 400, 513]);
        _calls.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_answered_is_dropped()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        string text = System.Text.Encoding.UTF8.GetString(Request().ToArray());
        foreach (string bad in new[]
        {
            text.Replace("Via: SIP/2.0/UDP h:5070", "Via: SIP/2.0/UDP h:x"), text.Replace("Call-ID",
                "Call"), text.Replace("From:", "Form:"),
            text.Replace("To: <", "To: "), text.Replace("\r\nTo:", "\nTo:"), "garbage", text.Replace("CSeq: 1", "CSeq: z"),
        })
        {
            byte[] octets = System.Text.Encoding.UTF8.GetBytes(bad);
            await dispatcher.ReceiveAsync(new(SipMessageReader.Read(octets, SipLimits.Default, SipFraming.Datagram), flow));
        }

        Codes(flow).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_handler_that_throws_is_a_500_and_a_bad_body_a_400()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        _answer.SetException(new InvalidOperationException("something inside"));
        await Take(dispatcher, Request(), flow);
        Codes(flow).ShouldBe([500]);
        System.Text.Encoding.UTF8.GetString(flow.Sent[0].ToArray()).ShouldNotContain("something inside");
    }

    [Theory]
    [InlineData("provisional")]
    [InlineData("no Via")]
    [InlineData("To that is none")]
    [InlineData("too large")]
    public async Task A_response_that_cannot_be_sent_is_a_500(string what)
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = Flow();
        SipRequest request = Request();
        SipResponse response = request.CreateResponse(what == "provisional" ? 183 : 200);
        if (what == "no Via")
        {
            response.Headers.Remove("Via");
        }
        else if (what == "To that is none")
        {
            response.Headers.Set("To", "nobody");
        }
        else if (what == "too large")
        {
            response.Body = new byte[65_536];
        }

        _answer.SetResult(response);
        await Take(dispatcher, request, flow);
        Codes(flow).ShouldBe([500]);
        await dispatcher.StopAsync(TestContext.Current.CancellationToken);
        await dispatcher.DisposeAsync();
    }

    [Fact]
    public async Task Rate_and_number_of_transactions_are_bounded()
    {
        SipPeer slow = Stacks.Loopback with { RequestsPerSecond = 1, Burst = 2 };
        (SipDispatcher dispatcher, _) = Make(slow);
        RecordingFlow flow = Flow(peer: slow);
        for (int i = 0; i < 4; i++)
        {
            await Take(dispatcher, Request(SipMethods.Options, $"z9hG4bKr{i}"), flow);
        }

        Codes(flow).ShouldBe([200, 200, 503, 503]);
        flow.Sent[2].Headers.RetryAfter!.Seconds.ShouldBe(1u);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Take(dispatcher, Request(SipMethods.Options, "z9hG4bKlater"), flow);
        Codes(flow)[^1].ShouldBe(200);

        (SipDispatcher few, SipServerTransactions servers) = Make(most: 1);
        RecordingFlow second = Flow();
        _ = Take(few, Request(), second);
        await WaitForCall();
        await Take(few, Request(branch: "z9hG4bK2"), second);
        Codes(second).ShouldBe([503]);
        servers.Count.ShouldBe(1);

        SipPeer one = Stacks.Loopback with { MaxTransactions = 1 };
        (SipDispatcher perPeer, _) = Make(one);
        RecordingFlow third = Flow(peer: one);
        _ = Take(perPeer, Request(), third);
        await Take(perPeer, Request(branch: "z9hG4bK2"), third);
        Codes(third).ShouldBe([503]);
    }

    [Theory]
    [InlineData(false, new[] { 403, 403, 403 })]
    [InlineData(true, new int[0])]
    public async Task A_stranger_gets_403_or_nothing(bool drop, int[] codes)
    {
        (SipDispatcher dispatcher, _) = Make(drop: drop);
        RecordingFlow flow = new(SipTransport.Udp, null);
        SipRequest asserted = Request();
        asserted.Headers.Add("P-Asserted-Identity", "<sip:alice@example.org>");
        await Take(dispatcher, asserted, flow);
        SipRequest register = Request(SipMethods.Register);
        register.Headers.Set("From", "<sip:scscf@example.org>;tag=1");
        await Take(dispatcher, register, flow);
        await Take(dispatcher, Request(), flow);
        Codes(flow).ShouldBe(codes);
        _calls.ShouldBe(0);
        if (drop)
        {
            RecordingFlow tcp = new(SipTransport.Tcp, null);
            await Take(dispatcher, asserted, tcp);
            Codes(tcp).ShouldBe([403]);
        }
    }

    [Fact]
    public async Task Strangers_cannot_make_the_server_talk_without_end()
    {
        (SipDispatcher dispatcher, _) = Make();
        RecordingFlow flow = new(SipTransport.Udp, null);
        for (int i = 0; i < 200; i++)
        {
            await Take(dispatcher, Request(branch: $"z9hG4bK{i}"), flow);
        }

        Codes(flow).Length.ShouldBe(50);
    }
}

using Microsoft.Extensions.Time.Testing;

namespace Watchword.Sip.Tests;

/// <summary>RFC 3261 §17.1.2 under a clock that stands still.</summary>
public sealed class ClientTransactionTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SipRequest Request()
    {
        SipRequest request = SipRequest.Create(SipMethods.Notify, Stacks.Psi, Stacks.Alice, Stacks.Psi);
        request.Headers.AddFirst("Via", "SIP/2.0/UDP h;branch=z9hG4bK1");
        return request;
    }

    [Fact]
    public async Task On_udp_the_request_is_repeated_at_growing_intervals_until_timer_F()
    {
        RecordingFlow flow = new(SipTransport.Udp, null);
        Task<SipResponse> run = new SipClientTransaction(Request(), flow, SipTimers.Default, _time).RunAsync(Cancel);

        // Timer E: 0.5, 1, 2, then T2. 11 requests in all within 64 T1 (§17.1.2.2).
        List<double> seen = [];
        for (int ms = 0; ms < 32_000; ms += 100)
        {
            if (flow.Sent.Count > seen.Count)
            {
                seen.Add(ms / 1000.0);
            }

            run.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        seen.ShouldBe([0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]);
        (await Should.ThrowAsync<SipSendException>(() => run)).Fault.ShouldBe(SipSendFault.Timeout);
        flow.Sent.All(m => m.ToArray().SequenceEqual(flow.Sent[0].ToArray())).ShouldBeTrue();
    }

    [Theory]
    [InlineData(SipTransport.Tcp)]
    [InlineData(SipTransport.Tls)]
    public async Task On_a_stream_nothing_is_repeated(SipTransport transport)
    {
        RecordingFlow flow = new(transport, null);
        Task<SipResponse> run = new SipClientTransaction(Request(), flow, SipTimers.Default, _time).RunAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(31.9));
        run.IsCompleted.ShouldBeFalse();
        flow.Sent.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        (await Should.ThrowAsync<SipSendException>(() => run)).Fault.ShouldBe(SipSendFault.Timeout);
    }

    [Fact]
    public async Task After_a_provisional_response_the_interval_is_T2_and_the_final_one_ends_it()
    {
        RecordingFlow flow = new(SipTransport.Udp, null);
        SipRequest request = Request();
        SipClientTransaction transaction = new(request, flow, SipTimers.Default, _time);
        Task<SipResponse> run = transaction.RunAsync(Cancel);
        transaction.Receive(request.CreateResponse(100));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        flow.Sent.Count.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(3.9));
        flow.Sent.Count.ShouldBe(2);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        flow.Sent.Count.ShouldBe(3);
        transaction.Receive(request.CreateResponse(486));
        transaction.Receive(request.CreateResponse(200));
        (await run).StatusCode.ShouldBe(486);
        _time.Advance(TimeSpan.FromMinutes(5));
        flow.Sent.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_connection_that_breaks_or_refuses_is_told_at_once()
    {
        RecordingFlow flow = new(SipTransport.Tcp, null);
        Task<SipResponse> run = new SipClientTransaction(Request(), flow, SipTimers.Default, _time).RunAsync(Cancel);
        flow.Close();
        (await Should.ThrowAsync<SipSendException>(() => run)).Fault.ShouldBe(SipSendFault.Transport);

        RecordingFlow broken = new(SipTransport.Udp, null) { Fails = true };
        Task<SipResponse> second = new SipClientTransaction(Request(), broken, SipTimers.Default, _time).RunAsync(Cancel);
        (await Should.ThrowAsync<SipSendException>(() => second)).Fault.ShouldBe(SipSendFault.Transport);
    }

    [Fact]
    public async Task Only_the_response_with_its_branch_and_method_belongs_to_a_request()
    {
        SipStackOptions options = new() { TimeProvider = _time };
        SipClientTransactions all = new(options, new SipMetrics(null));
        RecordingFlow flow = new(SipTransport.Udp, null);
        SipRequest request = Request();
        Task<SipResponse> run = all.RunAsync(request, flow, Cancel);

        SipResponse otherBranch = request.CreateResponse(403);
        otherBranch.Headers.Set("Via", "SIP/2.0/UDP h;branch=z9hG4bK2");
        all.Receive(otherBranch);
        SipResponse otherMethod = request.CreateResponse(403);
        otherMethod.Headers.Set("CSeq", "1 MESSAGE");
        all.Receive(otherMethod);
        SipResponse noBranch = request.CreateResponse(403);
        noBranch.Headers.Set("Via", "SIP/2.0/UDP h");
        all.Receive(noBranch);
        run.IsCompleted.ShouldBeFalse();
        all.Receive(request.CreateResponse(200));
        (await run).StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task The_number_of_waiting_requests_is_bounded()
    {
        SipClientTransactions all = new(new SipStackOptions { TimeProvider = _time, MaxClientTransactions = 1 },
            new SipMetrics(null));
        RecordingFlow flow = new(SipTransport.Tcp, null);
        SipRequest request = Request();
        Task<SipResponse> first = all.RunAsync(request, flow, Cancel);
        (await Should.ThrowAsync<SipSendException>(() => all.RunAsync(Request(), flow,
            Cancel))).Fault.ShouldBe(SipSendFault.Overload);
        all.Receive(request.CreateResponse(200));
        (await first).IsSuccess.ShouldBeTrue();
    }
}

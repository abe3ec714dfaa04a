using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Watchword.Sip.Tests;

/// <summary>Sockets: what a connection bears, and when it is closed.</summary>
public sealed class TransportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Text(string method = "MESSAGE", string extra = "", string body = "", string branch = "1") =>
        $"{method} sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK{branch}\r\n"
        + $"From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: {branch}\r\n"
        + $"CSeq: 1 {method}\r\n{extra}Content-Length: {body.Length}\r\n\r\n{body}";

    private static async Task<NetworkStream> ConnectAsync(SipStack stack)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(stack.Listeners[0].EndPoint, Cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task SendAsync(Stream stream, string text) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), Cancel);

    /// <summary>Reads until the text has been seen, or the end; gives what came.</summary>
    private static async Task<string> ReadAsync(Stream stream, string? until = null)
    {
        StringBuilder all = new();
        byte[] buffer = new byte[4096];
        while (until is null || !all.ToString().Contains(until, StringComparison.Ordinal))
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            }
            catch (IOException)
            {
                read = 0;
            }

            if (read == 0)
            {
                return all + "<end>";
            }

            all.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return all.ToString();
    }

    private static Task Eventually(Func<bool> holds) => Eventually(() => Task.FromResult(holds()));

    /// <summary>Asks until it holds, and not once more: to ask may change what is asked about.</summary>
    private static async Task Eventually(Func<Task<bool>> holds)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromMinutes(1));
            await Task.Delay(5, Cancel);
        }
    }

    private static Task<SipStack> StackAsync(TimeProvider? time = null, SipTransportLimits? limits = null,
        SipRequestHandler? handler = null) =>
        Stacks.StartAsync(
            new()
            {
                Listeners = [new(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))], Peers = new([Stacks.Loopback]),
                TimeProvider = time ?? TimeProvider.System, TransportLimits = limits ?? new(),
            },
            (SipMethods.Message, handler ?? Stacks.Ok));

    [Fact]
    public async Task Requests_may_come_together_or_in_pieces_with_pings_between()
    {
        await using SipStack stack = await StackAsync();
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, "\r\n\r\n");
        (await ReadAsync(stream, "\r\n")).ShouldBe("\r\n");
        string second = Text(branch: "2", body: "hello");
        await SendAsync(stream, Text() + second[..50]);
        (await ReadAsync(stream, "branch=z9hG4bK1")).ShouldStartWith("SIP/2.0 200 OK\r\n");
        await SendAsync(stream, second[50..]);
        (await ReadAsync(stream, "branch=z9hG4bK2")).ShouldContain("SIP/2.0 200 OK\r\n");
    }

    [Fact]
    public async Task A_malformed_message_is_answered_and_the_connection_goes_on()
    {
        await using SipStack stack = await StackAsync();
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, Text(extra: "Expires: x\r\n"));
        (await ReadAsync(stream, "\r\n\r\n")).ShouldStartWith("SIP/2.0 400 ");
        await SendAsync(stream, Text(branch: "2"));
        (await ReadAsync(stream, "\r\n\r\n")).ShouldStartWith("SIP/2.0 200 ");
    }

    [Theory]
    [InlineData("Content-Length: 0", "X-Length: 0", "SIP/2.0 400 ")]
    [InlineData("Content-Length: 0", "Content-Length: 70000", "SIP/2.0 513 ")]
    [InlineData("SIP/2.0\r\nVia", "SIP/2.0\nVia", "<end>")]
    [InlineData("MESSAGE sip:a@h SIP/2.0", "GET / HTTP/1.1", "<end>")]
    public async Task A_stream_without_a_known_end_is_closed(string what, string with, string begins)
    {
        await using SipStack stack = await StackAsync();
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, Text().Replace(what, with, StringComparison.Ordinal));
        string got = await ReadAsync(stream);
        got.ShouldStartWith(begins);
        got.ShouldEndWith("<end>");
    }

    [Theory]
    [InlineData("MESSAGE sip:a@h SI", 14, 2, "slow_sender")]
    [InlineData("", 599, 2, "idle")]
    public async Task A_connection_that_stalls_is_closed(string sent, int before, int after, string reason)
    {
        WatchedTime time = new();
        SipTransportLimits limits = new() { WriteTimeout = TimeSpan.FromMinutes(5) };
        await using SipStack stack = await StackAsync(time, limits);
        using Counters counters = new(stack);
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, Text());
        await ReadAsync(stream, "\r\n\r\n");
        await SendAsync(stream, sent);

        // Silence is timed from the start and after the message; a message from its first octet.
        await Eventually(() => sent.Length > 0
            ? time.TimesSet(limits.MessageTimeout) == 1
            : time.TimesSet(limits.IdleTimeout) == 2);
        time.Advance(TimeSpan.FromSeconds(before));
        counters["sip.connections.closed"].ShouldBe(0);
        if (sent.Length > 0)
        {
            // A trickle does not move the deadline. Nothing tells that it was read: if it never is, the deadline holds all the same.
            await SendAsync(stream, "P");
            await Task.Delay(200, Cancel);
        }

        time.Advance(TimeSpan.FromSeconds(after));
        (await ReadAsync(stream)).ShouldBe("<end>");
        await Eventually(() => counters[$"sip.connections.closed {reason}"] == 1);
    }

    [Fact]
    public async Task Connections_are_bounded_over_all_for_a_peer_and_for_strangers()
    {
        foreach ((SipTransportLimits limits, SipPeer peer) in new[]
        {
            (new SipTransportLimits { MaxConnections = 2 }, Stacks.Loopback),
            (new SipTransportLimits(), Stacks.Loopback with { MaxConnections = 2 }),
            (new SipTransportLimits { MaxStrangerConnections = 2 }, new SipPeer("x")),
        })
        {
            await using SipStack stack = await Stacks.StartAsync(new()
            {
                Listeners = [new(SipTransport.Tcp,
                    new IPEndPoint(IPAddress.Loopback, 0))], Peers = new([peer]), TransportLimits = limits,
            });
            await using NetworkStream one = await ConnectAsync(stack);
            await SendAsync(one, "\r\n\r\n");
            await ReadAsync(one, "\r\n");
            NetworkStream two = await ConnectAsync(stack);
            await SendAsync(two, "\r\n\r\n");
            await ReadAsync(two, "\r\n");
            await using NetworkStream three = await ConnectAsync(stack);
            (await ReadAsync(three)).ShouldBe("<end>");

            // A place that is given back can be had again.
            await two.DisposeAsync();
            await Eventually(() => TryPing(stack));
        }
    }

    private static async Task<bool> TryPing(SipStack stack)
    {
        await using NetworkStream stream = await ConnectAsync(stack);
        try
        {
            await SendAsync(stream, "\r\n\r\n");
        }
        catch (IOException)
        {
            return false;
        }

        return await ReadAsync(stream, "\r\n") == "\r\n";
    }

    [Fact]
    public async Task While_too_many_requests_are_with_handlers_nothing_more_is_read()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int running = 0;
        await using SipStack stack = await StackAsync(limits: new() { MaxOutstanding = 2 }, handler: async (request, _) =>
        {
            Interlocked.Increment(ref running);
            await release.Task;
            return request.CreateResponse(200);
        });
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, string.Concat(Enumerable.Range(0, 6).Select(i => Text(branch: $"{i}"))));
        await Eventually(() => Volatile.Read(ref running) == 2);
        await Task.Delay(100, Cancel);
        running.ShouldBe(2);
        release.SetResult();
        string got = await ReadAsync(stream, "branch=z9hG4bK5");
        await Eventually(() => Volatile.Read(ref running) == 6);
        got.ShouldNotContain("<end>");
    }

    [Fact]
    public async Task One_connection_serves_many_requests_and_a_new_one_follows_a_restart()
    {
        await using SipStack sender = new(new SipStackOptions());
        using Counters counters = new(sender);
        SipStack stack = await StackAsync();
        SipDestination destination = Stacks.To(stack, SipTransport.Tcp);
        IPEndPoint endPoint = stack.Listeners[0].EndPoint;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Send()));
        counters["sip.connections"].ShouldBe(1);
        await stack.DisposeAsync();
        (await Should.ThrowAsync<SipSendException>(Send)).Fault.ShouldBe(SipSendFault.Transport);
        await using SipStack again = await Stacks.StartAsync(
            new() { Listeners = [new(SipTransport.Tcp, endPoint)], Peers = new([Stacks.Loopback]) }, (SipMethods.Message,
                Stacks.Ok));
        (await Send()).StatusCode.ShouldBe(200);

        Task<SipResponse> Send() =>
            sender.SendAsync(SipRequest.CreateMessage(Stacks.Psi, Stacks.Alice, Stacks.Psi), destination, Cancel);
    }

    [Theory]
    [InlineData(true, SipTransport.Tcp)]
    [InlineData(false, SipTransport.Udp)]
    public async Task A_large_request_goes_by_tcp_instead_of_udp_where_it_can(bool tcp, SipTransport expected)
    {
        SipTransport? seen = null;
        SipListener udp = new(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 0));
        SipRequestHandler handler = (request, _) =>
        {
            seen = request.Transport;
            return Task.FromResult(request.CreateResponse(200));
        };
        await using SipStack first = await Stacks.StartAsync(
            new() { Listeners = [udp], Peers = new([Stacks.Loopback]) }, (SipMethods.Message, handler));
        SipListener beside = new(SipTransport.Tcp, first.Listeners[0].EndPoint);
        await using SipStack second = await Stacks.StartAsync(
            new() { Listeners = tcp ? [beside] : [], Peers = new([Stacks.Loopback]) }, (SipMethods.Message, handler));
        await using SipStack sender = new(new SipStackOptions());
        SipRequest request = SipRequest.CreateMessage(Stacks.Psi, Stacks.Alice, Stacks.Psi);
        SipBody.Write(request, SipBodyPart.Create("text/plain", new byte[4000]));
        (await sender.SendAsync(request, Stacks.To(first, SipTransport.Udp), Cancel)).StatusCode.ShouldBe(200);
        seen.ShouldBe(expected);
    }

    [Theory]
    [InlineData(";rport", true)]
    [InlineData("", false)]
    public async Task On_udp_the_answer_goes_to_the_source_by_rport_else_to_the_port_of_via(string rport, bool toSource)
    {
        await using SipStack stack = await Stacks.StartAsync(Stacks.Options(SipTransport.Udp), (SipMethods.Message, Stacks.Ok));
        using UdpClient source = new(new IPEndPoint(IPAddress.Loopback, 0));
        using UdpClient via = new(new IPEndPoint(IPAddress.Loopback, 0));
        string text = Text().Replace("SIP/2.0/TCP h;",
            $"SIP/2.0/UDP wrong.example.org:{((IPEndPoint)via.Client.LocalEndPoint!).Port}{rport};", StringComparison.Ordinal);
        await source.SendAsync(Encoding.UTF8.GetBytes(text), stack.Listeners[0].EndPoint, Cancel);
        UdpReceiveResult got = await (toSource ? source
            : via).ReceiveAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        SipResponse response = (SipResponse)SipMessage.Parse(got.Buffer);
        response.StatusCode.ShouldBe(200);
        response.Headers.Via[0].Parameters["received"].ShouldBe("127.0.0.1");
        response.Headers.Via[0].Parameters["rport"].ShouldBe(toSource ? $"{((IPEndPoint)source.Client.LocalEndPoint!).Port}"
            : null);
    }

    [Fact]
    public async Task Stopping_waits_for_handlers_and_then_cancels_them()
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SipStack stack = await StackAsync(handler: async (request, token) =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return request.CreateResponse(200);
        });
        await using NetworkStream stream = await ConnectAsync(stack);
        await SendAsync(stream, Text());
        await entered.Task;
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(100));
        await stack.StopAsync(patience.Token);
        (await ReadAsync(stream, "\r\n\r\n")).ShouldStartWith("SIP/2.0 503 ");
        await stack.DisposeAsync();
        (await ReadAsync(stream)).ShouldBe("<end>");
        await Should.ThrowAsync<ObjectDisposedException>(() => stack.StartAsync(Cancel));
    }

    [Fact]
    public async Task Wrong_use_is_told()
    {
        await using SipStack stack = new(new SipStackOptions());
        Should.Throw<InvalidOperationException>(() => stack.Map(SipMethods.Invite, Stacks.Ok));
        stack.Map(SipMethods.Message, Stacks.Ok);
        Should.Throw<InvalidOperationException>(() => stack.Map(SipMethods.Message, Stacks.Ok));
        await stack.StartAsync(Cancel);
        Should.Throw<InvalidOperationException>(() => stack.Map(SipMethods.Publish, Stacks.Ok));
        await Should.ThrowAsync<ArgumentException>(() => stack.SendAsync(new SipRequest("MESSAGE", Stacks.Psi),
            new(SipTransport.Tcp, "h", 1), Cancel));
        Should.Throw<ArgumentException>(() => new SipStack(Stacks.Options(SipTransport.Tls)));
    }
}

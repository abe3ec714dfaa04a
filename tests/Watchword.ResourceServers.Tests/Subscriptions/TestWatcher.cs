using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Tests.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Subscriptions;

/// <summary>A SIP core with a client behind it that subscribes to documents.</summary>
internal sealed class TestWatcher : IAsyncDisposable
{
    public const string Psi = "sip:cms@services.lab.example";

    private readonly SipStack _stack;
    private readonly List<SipRequest> _received = [];
    private readonly SemaphoreSlim _arrived = new(0);

    private TestWatcher(SipStack stack) => _stack = stack;

    /// <summary>How NOTIFY is answered, in turn; 200 once it is empty.</summary>
    public Queue<int> Answers { get; } = new();

    /// <summary>While this is not completed, NOTIFY gets no answer.</summary>
    public TaskCompletionSource Answering { get; private set; } = Done();

    public (string, string?)[] Settings(params (string, string?)[] more) =>
    [
        ("Services:Configuration:SubscriptionUri", Psi),
        ("Services:Sip:Listen:0", "tcp://127.0.0.1:0"),
        ("Services:Sip:Peers:0:Name", "core"),
        ("Services:Sip:Peers:0:Networks:0", "127.0.0.1/32"),
        ("Services:Sip:Core", $"tcp://127.0.0.1:{_stack.Listeners[0].EndPoint.Port}"),
        .. more,
    ];

    public static async Task<TestWatcher> StartAsync()
    {
        SipStack stack = new(new SipStackOptions
        {
            Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))],
            Peers = new SipPeers([new SipPeer("services") { Networks = [IPNetwork.Parse("127.0.0.1/32")] }]),
        });
        TestWatcher watcher = new(stack);
        stack.Map(SipMethods.Notify, watcher.NotifiedAsync);
        await stack.StartAsync();
        return watcher;
    }

    /// <summary>NOTIFY that comes next; fails if none does.</summary>
    public async Task<SipRequest> NextAsync()
    {
        (await _arrived.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeTrue(
            "no NOTIFY came");
        lock (_received)
        {
            SipRequest first = _received[0];
            _received.RemoveAt(0);
            return first;
        }
    }

    /// <summary>True if none comes for a while.</summary>
    public async Task<bool> IsQuietAsync() =>
        !await _arrived.WaitAsync(TimeSpan.FromMilliseconds(1500), TestContext.Current.CancellationToken);

    public void Hold() => Answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first SUBSCRIBE, to these documents.</summary>
    public async Task<(SipResponse Response, SubscriberDialog Dialog)> SubscribeAsync(
        ServicesHost host, string? token, uint expires, params string[] documents)
    {
        (SipRequest request, SubscriberDialog dialog) = SubscriberDialog.Create(
            SipUri.Parse(Psi), SipUri.Parse("sip:alice@ims.example"), SipUri.Parse(Psi), SipUri.Parse("sip:alice@10.0.0.1"),
            XcapDiff.EventPackage, expires, [XcapDiff.MediaType]);
        List<SipBodyPart> parts = [];
        if (token is not null)
        {
            McInfo info = new(McServiceNames.Mcptt) { AccessToken = McInfoValue.FromText(token) };
            parts.Add(SipBodyPart.Create(McServiceNames.Mcptt.InfoMediaType, info.Write()));
        }

        parts.Add(SipBodyPart.Create(ResourceLists.MediaType, ResourceLists.Of(documents).Write()));
        SipBody.Write(request, parts);
        SipResponse response = await SendAsync(host, request);
        return (response, dialog.After(response, host.Time.GetUtcNow()));
    }

    /// <summary>A refresh, or with 0 the end.</summary>
    public async Task<(SipResponse Response, SubscriberDialog Dialog)> RefreshAsync(
        ServicesHost host, SubscriberDialog dialog, uint expires, string? token = null)
    {
        (SipRequest request, SubscriberDialog next) = dialog.CreateSubscribe(expires);
        if (token is not null)
        {
            McInfo info = new(McServiceNames.Mcptt) { AccessToken = McInfoValue.FromText(token) };
            SipBody.Write(request, SipBodyPart.Create(McServiceNames.Mcptt.InfoMediaType, info.Write()));
        }

        SipResponse response = await SendAsync(host, request);
        return (response, next.After(response, host.Time.GetUtcNow()));
    }

    public Task<SipResponse> SendAsync(ServicesHost host, SipRequest request) => _stack.SendAsync(
        request,
        new SipDestination(SipTransport.Tcp, "127.0.0.1", host.Services.GetRequiredService<SipHost>().Listeners[0].EndPoint.Port),
        TestContext.Current.CancellationToken);

    public static XcapDiff DiffOf(SipRequest notify) => XcapDiff.Parse(notify.Body);

    public ValueTask DisposeAsync()
    {
        _arrived.Dispose();
        return _stack.DisposeAsync();
    }

    private async Task<SipResponse> NotifiedAsync(SipServerRequest request, CancellationToken cancellationToken)
    {
        lock (_received)
        {
            _received.Add(request.Request);
        }

        _arrived.Release();
        await Answering.Task.WaitAsync(cancellationToken);
        return request.CreateResponse(Answers.TryDequeue(out int status) ? status : 200);
    }

    private static TaskCompletionSource Done()
    {
        TaskCompletionSource done = new();
        done.SetResult();
        return done;
    }
}

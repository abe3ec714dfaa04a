using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip.Tests;

/// <summary>A foreign user agent, sipp, against the stack over every transport; TLS through socat.</summary>
public sealed class SippTests
{
    private static readonly EventStateRules _publish = new() { EventPackages = ["poc-settings"] };
    private static readonly EventStateRules _subscribe = new() { EventPackages = ["xcap-diff"],
        MediaTypes = ["application/xcap-diff+xml"] };

    public static TheoryData<string, SipTransport> Scenarios()
    {
        TheoryData<string, SipTransport> data = [];
        foreach (string scenario in new[] { "publish", "register", "methods", "stranger" })
        {
            data.Add(scenario, SipTransport.Udp);
            data.Add(scenario, SipTransport.Tcp);
            data.Add(scenario, SipTransport.Tls);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_scenario_goes_through(string scenario, SipTransport transport)
    {
        using X509Certificate2 server = Stacks.Certificate("server");
        using X509Certificate2 client = Stacks.Certificate("client");
        SipPeer core = scenario == "stranger" ? new SipPeer("core")
            : Stacks.Loopback with { CertificateSha256 = [Stacks.Fingerprint(client)] };
        SipStackOptions options = Stacks.Options(transport, new([core]),
            new() { ServerCertificate = () => Stacks.Context(server) });
        await using SipStack stack = await StartAsync(options);
        int port = stack.Listeners[0].EndPoint.Port;
        if (transport != SipTransport.Tls)
        {
            await Sipp.RunAsync(scenario, transport == SipTransport.Udp ? "u1" : "t1", port);
            return;
        }

        DirectoryInfo directory = Directory.CreateTempSubdirectory("sip-tls");
        try
        {
            string pem = Path.Combine(directory.FullName, "client.pem");
            await File.WriteAllTextAsync(
                pem, client.ExportCertificatePem() + "\n" + client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
                TestContext.Current.CancellationToken);
            (int local, IDisposable socat) = await Sipp.StartTlsAsync(port, pem);
            using (socat)
            {
                await Sipp.RunAsync(scenario, "t1", local);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_subscription_goes_through()
    {
        SipStack stack = new(Stacks.Options(SipTransport.Udp));
        Notifier notifier = new(stack);
        stack.Map(SipMethods.Subscribe, notifier.SubscribeAsync);
        await stack.StartAsync(TestContext.Current.CancellationToken);
        await using (stack)
        {
            await Sipp.RunAsync("subscribe", "u1", stack.Listeners[0].EndPoint.Port);
            (await notifier.Sent.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBe([200, 200]);
        }
    }

    [Theory]
    [InlineData(SipTransport.Udp, "u1")]
    [InlineData(SipTransport.Tcp, "t1")]
    public async Task A_foreign_server_answers_what_the_stack_sends(SipTransport transport, string sipp)
    {
        int port = LoopbackPorts.FindUnused();
        Task server = Sipp.RunAsync("answer", sipp, null, port);
        await using SipStack sender = new(new SipStackOptions());
        SipRequest request = SipRequest.CreateMessage(Stacks.Psi, Stacks.Alice, Stacks.Psi);
        SipResponse? response = null;
        while (response is null)
        {
            try
            {
                response = await sender.SendAsync(request, new(transport, "127.0.0.1", port),
                    TestContext.Current.CancellationToken);
            }
            catch (SipSendException) when (!server.IsCompleted)
            {
                // It does not listen yet.
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        response.StatusCode.ShouldBe(200);
        response.Headers.To!.Tag.ShouldBe("uas");
        await server;
    }

    /// <summary>Handlers with a state, as small as the scenarios need.</summary>
    private static Task<SipStack> StartAsync(SipStackOptions options)
    {
        ConcurrentDictionary<string, string> tags = new();
        return Stacks.StartAsync(
            new()
            {
                Listeners = options.Listeners, Peers = options.Peers, Tls = options.Tls, EventPackages = ["poc-settings"],
            },
            (SipMethods.Publish, (request, _) => Task.FromResult(Publish(request.Request, tags))),
            (SipMethods.Register, (request, _) => Task.FromResult(Register(request.Request))),
            (SipMethods.Message, Stacks.Ok));
    }

    private static SipResponse Publish(SipRequest request, ConcurrentDictionary<string, string> tags)
    {
        string owner = request.Headers.From!.Uri.ToString();
        if (!Publication.TryRead(request, _publish, out Publication? publication, out SipRefusal? refusal))
        {
            return refusal.CreateResponse(request);
        }

        if (publication.CheckTag(tags.GetValueOrDefault(owner)) is { } stale)
        {
            return stale.CreateResponse(request);
        }

        string tag = SipTokens.EntityTag();
        if (publication.Kind == PublicationKind.Remove)
        {
            tags.TryRemove(owner, out _);
        }
        else
        {
            tags[owner] = tag;
        }

        return publication.CreateResponse(request, tag);
    }

    private static SipResponse Register(SipRequest request)
    {
        if (request.Headers.Expires == 0)
        {
            return request.CreateResponse(200);
        }

        SipRequest inner = SipRequest.Parse(SipBody.Read(request).Single(p => p.ContentType.Is("message/sip")).Content.Span);
        return request.CreateResponse(inner.Headers.Contact[0].Parameters.Contains("+g.3gpp.mcptt") ? 200 : 403);
    }

    private sealed class Notifier(SipStack stack)
    {
        private readonly SipUri _contact = SipUri.Parse("sip:cms@127.0.0.1");
        private readonly List<int> _codes = [];
        private readonly TaskCompletionSource<int[]> _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private SubscriptionDialog? _dialog;

        public Task<int[]> Sent => _sent.Task;

        public Task<SipResponse> SubscribeAsync(SipServerRequest request, CancellationToken cancellationToken)
        {
            if (!SubscriptionRequest.TryRead(request.Request, _subscribe, out SubscriptionRequest? read, out SipRefusal? refusal))
            {
                return Task.FromResult(refusal.CreateResponse(request.Request));
            }

            string tag = SipTokens.Tag();
            if (!read.IsInDialog)
            {
                _dialog = SubscriptionDialog.Create(read, _contact, tag, request.ReceivedAt);
            }
            else if (_dialog!.TryRefresh(read, request.ReceivedAt, out SubscriptionDialog? next, out refusal))
            {
                _dialog = next;
            }
            else
            {
                return Task.FromResult(refusal.CreateResponse(request.Request));
            }

            (SipRequest notify, _dialog) = _dialog.CreateNotify(request.ReceivedAt);
            IPEndPoint target = request.RemoteEndPoint;
            _ = NotifyAsync(notify, new(SipTransport.Udp, target.Address.ToString(), target.Port));
            return Task.FromResult(read.CreateResponse(_contact, tag));
        }

        /// <summary>
        /// The NOTIFY leaves when the response has: sipp takes messages in one order. Nothing tells that it has, so a second is given to
        /// what takes microseconds.
        /// </summary>
        private async Task NotifyAsync(SipRequest notify, SipDestination destination)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            _codes.Add((await stack.SendAsync(notify, destination)).StatusCode);
            if (_codes.Count == 2)
            {
                _sent.SetResult([.. _codes]);
            }
        }
    }
}

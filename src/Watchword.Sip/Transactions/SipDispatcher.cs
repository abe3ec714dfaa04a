using System.Collections.Frozen;

namespace Watchword.Sip;

/// <summary>
/// What becomes of a message that arrived. Requests pass these checks in order: shape, version and size; peer; retransmission;
/// rate; method; merged; URI scheme; extensions; number of transactions (RFC 3261 §8.2). What fails is answered without keeping
/// state (§8.2.7).
/// </summary>
internal sealed class SipDispatcher(
    SipStackOptions options, FrozenDictionary<string, SipRequestHandler> handlers, SipPeerStates states,
    SipServerTransactions servers, SipClientTransactions clients, SipMetrics metrics) : IAsyncDisposable
{
    private readonly SipStatelessReplies _replies = new(options);
    private readonly SipHandlerRunner _runner = new(options, metrics);
    private readonly string _allow = string.Join(", ",
        handlers.Keys.Append(SipMethods.Options).Distinct().Order(StringComparer.Ordinal));
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskSet _running = new();

    /// <summary>Takes one message; the task ends when a handler has answered it.</summary>
    public async Task ReceiveAsync(SipReceived received)
    {
        (SipReading reading, SipFlow flow) = received;
        switch (reading.Message)
        {
            case SipResponse response when reading.Fault == SipFormatFault.None:
                clients.Receive(response);
                break;
            case SipRequest request when SipStatelessReplies.CanBeAnswered(request):
                request.Headers.ReplaceFirstVia(request.Headers.Via[0].Received(flow.Remote));
                await TakeAsync(request, reading.Fault, flow);
                break;
            default:
                metrics.Refused("unreadable", flow.Transport);
                break;
        }
    }

    /// <summary>Waits for the handlers; then cancels them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _running.WhenAllAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _stopping.CancelAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.DisposeAsync();
        _stopping.Dispose();
    }

    private Task TakeAsync(SipRequest request, SipFormatFault fault, SipFlow flow)
    {
        if (flow.Peer is null)
        {
            return RefuseStrangerAsync(request, flow);
        }

        if (fault != SipFormatFault.None)
        {
            return request.Method == SipMethods.Ack ? Task.CompletedTask : RefuseMalformedAsync(request, fault, flow);
        }

        // An ACK is for the 405 to an INVITE, which is not repeated: there is nothing to stop (§8.2.7).
        return request.Method switch
        {
            SipMethods.Ack => Task.CompletedTask,
            SipMethods.Cancel => CancelAsync(request, flow),
            _ => TakeFromPeerAsync(request, flow),
        };
    }

    private Task TakeFromPeerAsync(SipRequest request, SipFlow flow)
    {
        if (servers.Find(SipTransactionKeys.Server(request, request.Method)) is { } known)
        {
            metrics.Duplicate();
            return known.DuplicateAsync();
        }

        if (!states.Of(flow.Peer).Requests.TryTake())
        {
            return RefuseAsync(request, flow, "rate", 503, r => r.Headers.Add(SipHeaderNames.RetryAfter, "1"));
        }

        if (!handlers.ContainsKey(request.Method) && request.Method != SipMethods.Options)
        {
            return RefuseAsync(request, flow, "method", 405, r => r.Headers.Add(SipHeaderNames.Allow, _allow));
        }

        if (servers.IsMerged(request))
        {
            return RefuseAsync(request, flow, "merged", 482);
        }

        if (!request.RequestUri.IsSip && !request.RequestUri.IsTel)
        {
            return RefuseAsync(request, flow, "uri_scheme", 416);
        }

        string[] unknown = [.. request.Headers.Require.Except(options.Extensions, StringComparer.OrdinalIgnoreCase)];
        return unknown.Length > 0
            ? RefuseAsync(request, flow, "extension", 420,
                r => r.Headers.Add(SipHeaderNames.Unsupported, string.Join(", ", unknown)))
            : BeginAsync(request, flow);
    }

    private Task BeginAsync(SipRequest request, SipFlow flow)
    {
        SipServerTransaction? transaction = servers.TryBegin(request, flow, out SipServerTransaction? existing);
        if (transaction is null)
        {
            return existing is not null
                ? existing.DuplicateAsync()
                : RefuseAsync(request, flow, "transactions", 503, r => r.Headers.Add(SipHeaderNames.RetryAfter, "5"));
        }

        metrics.Request(request, flow.Peer!, flow.Transport);
        SipRequestHandler handler = handlers.GetValueOrDefault(request.Method) ?? AnswerOptions;
        SipServerRequest served = new(request, flow.Peer!, flow.Transport, flow.Remote, flow.Local,
            options.TimeProvider.GetUtcNow());
        Task work = Task.Run(() => _runner.RunAsync(served, handler, transaction, _stopping.Token));
        _running.Add(work);
        return work;
    }

    private Task CancelAsync(SipRequest request, SipFlow flow)
    {
        // §9.2: what it would cancel is looked for by any method but ACK. Nothing but an INVITE can be cancelled, so it has no
        // effect.
        bool found = handlers.Keys.Append(SipMethods.Options).Any(m => servers.Find(SipTransactionKeys.Server(request,
            m)) is not null);
        return RefuseAsync(request, flow, "cancel", found ? 200 : 481);
    }

    private Task RefuseMalformedAsync(SipRequest request, SipFormatFault fault, SipFlow flow)
    {
        if (!states.Of(flow.Peer).Requests.TryTake())
        {
            metrics.Refused("rate", flow.Transport);
            return Task.CompletedTask;
        }

        return fault switch
        {
            SipFormatFault.Version => RefuseAsync(request, flow, "version", 505),
            SipFormatFault.TooLarge => RefuseAsync(request, flow, "too_large", 513),
            _ => RefuseAsync(request, flow, "malformed", 400),
        };
    }

    /// <summary>
    /// Nobody's request is served. One that asserts an identity (RFC 3325 §4) or registers somebody else pretends to come from
    /// the core, and is counted as such.
    /// </summary>
    private Task RefuseStrangerAsync(SipRequest request, SipFlow flow)
    {
        bool pretends = request.Headers.Contains(SipHeaderNames.PAssertedIdentity)
            || SipStatelessReplies.IsThirdPartyRegister(request);
        string reason = pretends ? "stranger_pretends" : "stranger";
        bool silent = request.Method == SipMethods.Ack || (options.DropStrangersOnUdp && flow.Transport == SipTransport.Udp)
            || !states.Strangers.Requests.TryTake();
        if (silent)
        {
            metrics.Refused(reason, flow.Transport);
            return Task.CompletedTask;
        }

        return RefuseAsync(request, flow, reason, 403);
    }

    private Task RefuseAsync(SipRequest request, SipFlow flow, string reason, int status, Action<SipResponse>? complete = null)
    {
        metrics.Refused(reason, flow.Transport);
        SipResponse response = _replies.Create(request, status);
        complete?.Invoke(response);
        return SipStatelessReplies.SendAsync(response, request, flow);
    }

    /// <summary>OPTIONS outside a dialog (RFC 3261 §11.2).</summary>
    private Task<SipResponse> AnswerOptions(SipServerRequest request, CancellationToken cancellationToken)
    {
        SipResponse response = request.CreateResponse(200);
        response.Headers.Add(SipHeaderNames.Allow, _allow);
        response.Headers.Add(SipHeaderNames.Accept, string.Join(", ", options.MediaTypes));
        response.Headers.Add(SipHeaderNames.Supported, string.Join(", ", options.Extensions));
        if (options.EventPackages.Count > 0)
        {
            response.Headers.Add(SipHeaderNames.AllowEvents, string.Join(", ", options.EventPackages));
        }

        return Task.FromResult(response);
    }
}

using System.Diagnostics.Metrics;

namespace Watchword.Sip;

/// <summary>The instruments of one stack. No tag holds anything of a message but the method and the status.</summary>
internal sealed class SipMetrics : IDisposable
{
    private const string Other = "_OTHER";

    private static readonly string[] _methods =
        [SipMethods.Register, SipMethods.Publish, SipMethods.Subscribe, SipMethods.Notify, SipMethods.Message, SipMethods.Options,
         SipMethods.Invite, SipMethods.Ack, SipMethods.Bye, SipMethods.Cancel];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _responses;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _handlerFaults;
    private readonly Counter<long> _strayResponses;
    private readonly Counter<long> _connectionsClosed;
    private readonly Counter<long> _clientRequests;
    private readonly Counter<long> _clientFaults;
    private readonly UpDownCounter<long> _transactions;
    private readonly UpDownCounter<long> _connections;
    private readonly Histogram<double> _duration;

    public SipMetrics(SipStack? stack)
    {
        _meter = new Meter(new MeterOptions(SipStack.MeterName) { Scope = stack });
        _requests = _meter.CreateCounter<long>("sip.server.requests", "{request}", "Requests given to handlers");
        _refused = _meter.CreateCounter<long>("sip.server.refused", "{request}", "Requests that reached no handler, by reason");
        _responses = _meter.CreateCounter<long>("sip.server.responses", "{response}", "Final responses of handlers, by status");
        _duplicates = _meter.CreateCounter<long>("sip.server.duplicates", "{request}",
            "Requests answered from their transaction");
        _handlerFaults = _meter.CreateCounter<long>("sip.server.handler_faults", "{request}", "Requests whose handler threw");
        _strayResponses = _meter.CreateCounter<long>("sip.client.stray_responses", "{response}",
            "Responses that belong to no transaction");
        _connectionsClosed = _meter.CreateCounter<long>("sip.connections.closed", "{connection}",
            "Connections refused or closed, by reason");
        _clientRequests = _meter.CreateCounter<long>("sip.client.requests", "{request}", "Requests sent, by method and status");
        _clientFaults = _meter.CreateCounter<long>("sip.client.faults", "{request}", "Requests that got no response, by fault");
        _transactions = _meter.CreateUpDownCounter<long>("sip.server.transactions", "{transaction}", "Server transactions");
        _connections = _meter.CreateUpDownCounter<long>("sip.connections", "{connection}", "Open connections");
        _duration = _meter.CreateHistogram<double>("sip.server.duration", "s", "From request to final response");
    }

    public void Request(SipRequest request, SipPeer peer, SipTransport transport) =>
        _requests.Add(1, Method(request), new("peer", peer.Name), Transport(transport));

    public void Refused(string reason, SipTransport transport) =>
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason), Transport(transport));

    public void Response(SipRequest request, int status, TimeSpan duration)
    {
        _responses.Add(1, Method(request), Status(status));
        _duration.Record(duration.TotalSeconds, Method(request));
    }

    public void Duplicate() => _duplicates.Add(1);

    public void HandlerFault(SipRequest request) => _handlerFaults.Add(1, Method(request));

    public void StrayResponse() => _strayResponses.Add(1);

    public void ConnectionClosed(string reason) => _connectionsClosed.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Transactions(int change) => _transactions.Add(change);

    public void Connections(int change, SipTransport transport) => _connections.Add(change, Transport(transport));

    public void Sent(SipRequest request, int status) => _clientRequests.Add(1, Method(request), Status(status));

    public void SendFault(SipRequest request, SipSendFault fault) =>
        _clientFaults.Add(1, Method(request), new KeyValuePair<string, object?>("fault", fault.ToString()));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Method(SipRequest request) =>
        new("method", Array.IndexOf(_methods, request.Method) < 0 ? Other : request.Method);

    private static KeyValuePair<string, object?> Transport(SipTransport transport) => new("transport", transport.ToString());

    private static KeyValuePair<string, object?> Status(int status) => new("status", status);
}

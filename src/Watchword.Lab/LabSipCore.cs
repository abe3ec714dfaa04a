using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Watchword.Sip;

namespace Watchword.Lab;

/// <summary>Where a core of the lab listens, what is behind it, and whom it knows.</summary>
/// <param name="Port">Port of its listeners for UDP and TCP on loopback.</param>
/// <param name="Domain">The host of its own URI.</param>
/// <param name="Server">The application server, to which requests of UEs go.</param>
/// <param name="Identities">The public user identities (IMPUs) that it asserts.</param>
internal sealed record LabSipCoreOptions(
    int Port, string Domain, SipDestination Server, IReadOnlyCollection<string> Identities);

/// <summary>
/// A small SIP core for the lab, which any UE on loopback reaches over UDP and TCP: it registers UEs and tells the application server
/// (third-party REGISTER, TS 24.229 5.4.1.7), hands on what they send with the identity asserted (RFC 3325), and takes requests of the
/// server to where they are registered. It knows public user identities from a table and believes whoever names one: THIS IS A LAB. A
/// core in production authenticates UEs.
/// </summary>
internal sealed class LabSipCore : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";
    private const string SipMediaType = "message/sip";
    private const string AssociatedUri = "P-Associated-URI";
    private const uint DefaultLifetime = 3600;

    /// <summary>What a forwarded request has of its own, or must not have from a UE.</summary>
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        SipHeaderNames.Via, SipHeaderNames.Route, SipHeaderNames.MaxForwards, SipHeaderNames.PPreferredIdentity,
    };

    /// <summary>What an answer has from the request that it answers.</summary>
    private static readonly HashSet<string> OfRequest = new(StringComparer.OrdinalIgnoreCase)
    {
        SipHeaderNames.Via, SipHeaderNames.From, SipHeaderNames.To, SipHeaderNames.CallId, SipHeaderNames.CSeq,
    };

    private readonly SipStack _stack;
    private readonly SipDestination _server;
    private readonly SipUri _self;
    private readonly HashSet<string> _identities;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (SipUri Contact, DateTimeOffset ExpiresAt)> _registered = new(StringComparer.Ordinal);

    private LabSipCore(LabSipCoreOptions options, TimeProvider time)
    {
        Address = new SipDestination(SipTransport.Tcp, Loopback, options.Port);
        _server = options.Server;
        _self = SipUri.Parse("sip:core@" + options.Domain);
        _identities = new HashSet<string>(options.Identities, StringComparer.Ordinal);
        _time = time;
        IPEndPoint here = new(IPAddress.Loopback, options.Port);
        _stack = new SipStack(new SipStackOptions
        {
            Listeners = [new SipListener(SipTransport.Tcp, here), new SipListener(SipTransport.Udp, here)],
            Peers = new SipPeers([new SipPeer("lab") { Networks = [IPNetwork.Parse(Loopback + "/32")] }]),
            TimeProvider = time,
        });
        _stack.Map(SipMethods.Register, RegisterAsync);
        _stack.Map(SipMethods.Publish, FromUserAsync);
        _stack.Map(SipMethods.Subscribe, FromUserAsync);
        _stack.Map(SipMethods.Notify, ToContactAsync);
        _stack.Map(SipMethods.Message, ToUserAsync);
    }

    /// <summary>Where UEs send to.</summary>
    public SipDestination Address { get; }

    /// <summary>The public user identity of a user of the home domain.</summary>
    public static string IdentityOf(string user) => LabDomain.Home.PublicIdentityOf(user);

    /// <summary>Starts the core of a domain.</summary>
    public static Task<LabSipCore> StartAsync(LabSite site, CancellationToken cancellation) => StartAsync(
        new LabSipCoreOptions(
            site.Ports.SipCore, site.Names.ImsDomain, new SipDestination(SipTransport.Tcp, Loopback, site.Ports.McxSip),
            [.. site.PublicIdentities]),
        site.Time, cancellation);

    public static async Task<LabSipCore> StartAsync(LabSipCoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        LabSipCore core = new(options, time);
        try
        {
            await core._stack.StartAsync(cancellation);
            return core;
        }
        catch
        {
            await core.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends as a UE of the lab does, over TCP to this core.</summary>
    public Task<SipResponse> SendAsync(SipRequest request, CancellationToken cancellation) =>
        _stack.SendAsync(request, Address, cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    /// <summary>Registers a UE, and tells the application server with the UE's own REGISTER in the body.</summary>
    private async Task<SipResponse> RegisterAsync(SipServerRequest received, CancellationToken cancellation)
    {
        SipRequest request = received.Request;
        if (request.Headers.To is not { } to || Known(to.Uri) is not { } identity)
        {
            return received.CreateResponse(403);
        }

        if (request.Headers.Contact is not [{ } contact])
        {
            return received.CreateResponse(400);
        }

        uint lifetime = Math.Min(request.Headers.Expires ?? DefaultLifetime, DefaultLifetime);
        if (lifetime == 0)
        {
            _ = _registered.TryRemove(identity, out _);
        }
        else
        {
            _registered[identity] = (contact.Uri, _time.GetUtcNow().AddSeconds(lifetime));
        }

        // What the application server says of it is none of the UE's business (TS 24.229 5.4.1.7: the registration stands).
        _ = await SendOnAsync(ThirdParty(request, identity, lifetime), _server, cancellation);
        SipResponse response = received.CreateResponse(200);
        string expires = lifetime.ToString(CultureInfo.InvariantCulture);
        if (lifetime > 0)
        {
            SipAddress bound = new(contact.Uri, null, contact.Parameters.With("expires", expires));
            response.Headers.Add(SipHeaderNames.Contact, bound.ToString());
        }

        response.Headers.Add(SipHeaderNames.Expires, expires);
        response.Headers.Add(AssociatedUri, $"<{identity}>");
        return response;
    }

    private SipRequest ThirdParty(SipRequest register, string identity, uint lifetime)
    {
        SipRequest request = SipRequest.Create(SipMethods.Register, _self, _self, SipUri.Parse(identity));
        // Call-ID and CSeq order the registrations of a UE for the server as they do for the core.
        request.Headers.Set(SipHeaderNames.CallId, register.Headers.CallId!);
        request.Headers.Set(SipHeaderNames.CSeq, register.Headers.CSeq!.ToString()!);
        request.Headers.Add(SipHeaderNames.Contact, $"<{_self}>");
        request.Headers.Add(SipHeaderNames.Expires, lifetime.ToString(CultureInfo.InvariantCulture));
        SipBody.Write(request, SipBodyPart.Create(SipMediaType, register.ToArray()));
        return request;
    }

    /// <summary>PUBLISH and SUBSCRIBE of a UE, outside and inside dialogs.</summary>
    private Task<SipResponse> FromUserAsync(SipServerRequest received, CancellationToken cancellation)
    {
        SipHeaders headers = received.Request.Headers;
        // RFC 3325 §9.2: the one that the UE prefers, else the one that it writes in From.
        SipUri? named = headers.PreferredIdentity is [{ } preferred] ? preferred.Uri : headers.From?.Uri;
        if (Known(named) is not { } identity)
        {
            return Task.FromResult(received.CreateResponse(403));
        }

        return ForwardAsync(received, received.Request.RequestUri, _server, cancellation, forwarded =>
        {
            _ = forwarded.Headers.Remove(SipHeaderNames.PAssertedIdentity);
            forwarded.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{identity}>");
        });
    }

    /// <summary>A NOTIFY goes to the Contact that the UE gave with its SUBSCRIBE.</summary>
    private Task<SipResponse> ToContactAsync(SipServerRequest received, CancellationToken cancellation) =>
        DestinationOf(received.Request.RequestUri) is { } contact
            ? ForwardAsync(received, received.Request.RequestUri, contact, cancellation)
            : Task.FromResult(received.CreateResponse(404));

    /// <summary>A MESSAGE goes to where its user is registered.</summary>
    private Task<SipResponse> ToUserAsync(SipServerRequest received, CancellationToken cancellation) =>
        Known(received.Request.RequestUri) is { } identity && _registered.TryGetValue(identity, out (SipUri Contact, DateTimeOffset ExpiresAt) at)
            && at.ExpiresAt > _time.GetUtcNow() && DestinationOf(at.Contact) is { } contact
            ? ForwardAsync(received, at.Contact, contact, cancellation)
            : Task.FromResult(received.CreateResponse(480));

    private async Task<SipResponse> ForwardAsync(
        SipServerRequest received, SipUri requestUri, SipDestination destination, CancellationToken cancellation,
        Action<SipRequest>? complete = null)
    {
        SipRequest request = received.Request;
        uint hops = request.Headers.MaxForwards ?? 70;
        if (hops == 0)
        {
            return received.CreateResponse(483);
        }

        SipRequest forwarded = new(request.Method, requestUri) { Body = request.Body };
        forwarded.Headers.Add(SipHeaderNames.MaxForwards, (hops - 1).ToString(CultureInfo.InvariantCulture));
        Copy(request, forwarded, NotForwarded);
        complete?.Invoke(forwarded);
        if (await SendOnAsync(forwarded, destination, cancellation) is not { } answer)
        {
            return received.CreateResponse(503);
        }

        SipResponse response = received.CreateResponse(answer.StatusCode, answer.ReasonPhrase);
        response.Headers.Set(SipHeaderNames.To, answer.Headers[SipHeaderNames.To]!);
        Copy(answer, response, OfRequest);
        response.Body = answer.Body;
        return response;
    }

    private async Task<SipResponse?> SendOnAsync(SipRequest request, SipDestination destination, CancellationToken cancellation)
    {
        try
        {
            return await _stack.SendAsync(request, destination, cancellation);
        }
        catch (SipSendException)
        {
            return null;
        }
    }

    private static void Copy(SipMessage from, SipMessage to, HashSet<string> except)
    {
        foreach (SipHeader field in from.Headers.Where(field => !except.Contains(field.Name)))
        {
            to.Headers.Add(field.Name, field.Value);
        }
    }

    /// <summary>An identity of the table, as it stands there; null for any other URI.</summary>
    private string? Known(SipUri? uri) =>
        uri is { IsSip: true, User: { } user, Host: { } host }
        && _identities.TryGetValue($"sip:{user}@{host.ToLowerInvariant()}", out string? identity)
            ? identity
            : null;

    /// <summary>Where a Contact is; null unless it is on loopback.</summary>
    private static SipDestination? DestinationOf(SipUri contact) =>
        contact is { IsSip: true, Host: { } host, Port: { } port } && IPAddress.TryParse(host, out IPAddress? address)
        && IPAddress.IsLoopback(address)
            ? new SipDestination(
                contact.Parameters["transport"]?.ToLowerInvariant() is "tcp" ? SipTransport.Tcp : SipTransport.Udp, host, port)
            : null;
}

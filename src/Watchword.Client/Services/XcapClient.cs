using System.Net;
using System.Net.Http.Headers;
using Watchword.McServices.Configuration;
using Watchword.McServices.Xcap;

namespace Watchword.Client;

/// <summary>
/// Documents and nodes under one XCAP root (RFC 4825 §7), over TLS and with an access token, as the HTTP client in a UE does it
/// (TS 24.482 A.2.1.2). Answers are bounded and redirects are not followed.
/// </summary>
public sealed class XcapClient : IDisposable
{
    private const string ElementMediaType = "application/xcap-el+xml";
    private const string AttributeMediaType = "application/xcap-att+xml";

    private readonly HttpClient _http;
    private readonly string _root;
    private readonly TokenCache? _tokens;
    private readonly TimeProvider _time;

    /// <summary>Makes a client over its own connections.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="trust">Whom TLS trusts.</param>
    /// <param name="tokens">The tokens of the profile; null before the log-in, for what needs no token.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
#pragma warning disable CA2000 // The HttpClient disposes the handler.
    public XcapClient(XcapClientOptions options, TlsTrust trust, TokenCache? tokens, TimeProvider time)
        : this(
            options, options.HttpProxy is { } proxy ? trust.CreateHandler(proxy) : trust.CreateHandler(), tokens, time,
            disposeHandler: true)
#pragma warning restore CA2000
    {
    }

    /// <summary>Makes a client over a handler of <see cref="TlsTrust.CreateHandler()"/>, which the caller disposes.</summary>
    /// <param name="options">Where the server is; no HTTP proxy.</param>
    /// <param name="handler">The connections.</param>
    /// <param name="tokens">As above.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
    /// <exception cref="ArgumentException">The options name an HTTP proxy: the handler would pass it by.</exception>
    public XcapClient(XcapClientOptions options, HttpMessageHandler handler, TokenCache? tokens, TimeProvider time)
        : this(options, handler, tokens, time, disposeHandler: false)
    {
        if (options.HttpProxy is not null)
        {
            throw new ArgumentException("A handler that is given has its own connections, with or without a proxy.", nameof(options));
        }
    }

    private XcapClient(
        XcapClientOptions options, HttpMessageHandler handler, TokenCache? tokens, TimeProvider time, bool disposeHandler)
    {
        Uri root = HttpsUrl.Require(options.Root, "XCAP root");
        if (root.Query.Length > 0)
        {
            throw new WatchwordClientException(ClientFault.UrlNotHttps, "an XCAP root has no query");
        }

        _root = root.AbsoluteUri.TrimEnd('/');
        _tokens = tokens;
        _time = time;
        // The bound holds for every answer: content is read into memory by the client itself.
        _http = new HttpClient(handler, disposeHandler)
        {
            Timeout = options.RequestTimeout,
            MaxResponseContentBufferSize = options.MaxAnswerOctets,
        };
        ClientAgent.Introduce(_http);
    }

    internal TokenCache? Tokens => _tokens;

    /// <summary>Fetches a document or a node (RFC 4825 §7.6, §7.9).</summary>
    /// <param name="uri">What.</param>
    /// <param name="token">The token to send; null for none.</param>
    /// <param name="etag">The entity tag that the caller has it under; null if he has it not.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">Faults of block 55xx, of the transport and of the tokens.</exception>
    public Task<XcapResource> GetAsync(
        XcapUri uri, AccessTokenTarget? token, string? etag = null, CancellationToken cancellationToken = default) =>
        SendAsync(new XcapCall(HttpMethod.Get, PathOf(uri), token) { When = XcapPrecondition.Changed(etag) }, cancellationToken);

    /// <summary>Makes or replaces a document or a node (RFC 4825 §7.1, §7.4, §7.7).</summary>
    /// <param name="uri">What.</param>
    /// <param name="content">The document, the element or the value of the attribute, in UTF-8.</param>
    /// <param name="token">The token to send; null for none.</param>
    /// <param name="when">The condition; null for none.</param>
    /// <param name="cancellationToken">Ends the call; the server may have done it all the same.</param>
    /// <exception cref="ArgumentException">An application usage that is not known, or namespace bindings.</exception>
    /// <exception cref="WatchwordClientException">As <see cref="GetAsync"/>.</exception>
    public Task<XcapResource> PutAsync(
        XcapUri uri, ReadOnlyMemory<byte> content, AccessTokenTarget? token, XcapPrecondition? when = null,
        CancellationToken cancellationToken = default)
    {
        string path = PathOf(uri);
        return SendAsync(
            new XcapCall(HttpMethod.Put, path, token)
            {
                Content = content,
                MediaType = MediaTypeOf(uri),
                When = when ?? XcapPrecondition.None,
            },
            cancellationToken);
    }

    /// <summary>Deletes a document or a node (RFC 4825 §7.2, §7.5, §7.8).</summary>
    /// <param name="uri">What.</param>
    /// <param name="token">The token to send; null for none.</param>
    /// <param name="when">The condition; null for none.</param>
    /// <param name="cancellationToken">Ends the call; the server may have done it all the same.</param>
    /// <exception cref="WatchwordClientException">As <see cref="GetAsync"/>.</exception>
    public Task<XcapResource> DeleteAsync(
        XcapUri uri, AccessTokenTarget? token, XcapPrecondition? when = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            new XcapCall(HttpMethod.Delete, PathOf(uri), token) { When = when ?? XcapPrecondition.None }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    internal static string PathOf(XcapUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri.ToString();
    }

    /// <summary>Sends one request; a second time with a fresh token where the server did not take the one kept.</summary>
    internal async Task<XcapResource> SendAsync(XcapCall call, CancellationToken cancellation)
    {
        try
        {
            return await SendOnceAsync(call, cancellation);
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.ServiceUnauthorized && call.Token is not null)
        {
            _tokens!.Drop(call.Token);
            return await SendOnceAsync(call, cancellation);
        }
    }

    private async Task<XcapResource> SendOnceAsync(XcapCall call, CancellationToken cancellation)
    {
        using HttpRequestMessage request = await RequestAsync(call, cancellation);
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
            byte[] content = await response.Content.ReadAsByteArrayAsync(cancellation);
            bool isUnchanged = response.StatusCode == HttpStatusCode.NotModified && call.When.IfNoneMatch is not null;
            if (!isUnchanged && response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent))
            {
                throw XcapRefusals.Of(response, content, _time);
            }

            return new XcapResource(
                isUnchanged, isUnchanged ? default(ReadOnlyMemory<byte>) : content, response.Content.Headers.ContentType?.ToString(),
                response.Headers.ETag?.ToString(), response.StatusCode == HttpStatusCode.Created);
        }
        catch (Exception e) when (HttpFaults.IsTransport(e, cancellation))
        {
            throw HttpFaults.Map(e, request.RequestUri!);
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(XcapCall call, CancellationToken cancellation)
    {
        HttpRequestMessage request = new(call.Method, new Uri($"{_root}/{call.Path}"));
        if (call.Token is not null)
        {
            TokenCache tokens = _tokens ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
            request.Headers.Authorization = (await tokens.GetAccessTokenAsync(call.Token, cancellation)).ToAuthorizationHeader();
        }

        if (call.MediaType is not null)
        {
            request.Content = new ReadOnlyMemoryContent(call.Content);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.MediaType);
        }

        Add(request.Headers.IfMatch, call.When.IfMatch);
        Add(request.Headers.IfNoneMatch, call.When.IfNoneMatch);
        return request;
    }

    private static void Add(HttpHeaderValueCollection<EntityTagHeaderValue> header, string? etag)
    {
        if (etag is not null)
        {
            header.Add(etag == EntityTagHeaderValue.Any.Tag ? EntityTagHeaderValue.Any
                : EntityTagHeaderValue.TryParse(etag, out EntityTagHeaderValue? parsed) ? parsed
                : throw new ArgumentException("An entity tag stands in quotation marks.", nameof(etag)));
        }
    }

    private static string MediaTypeOf(XcapUri uri) => uri.Node?.Terminal switch
    {
        NodeTerminal.Element => ElementMediaType,
        NodeTerminal.Attribute => AttributeMediaType,
        NodeTerminal.Namespaces => throw new ArgumentException("Namespace bindings can only be read.", nameof(uri)),
        _ => ApplicationUsage.OfAuid(uri.Document.Auid)?.MediaType
            ?? throw new ArgumentException("The application usage is not known.", nameof(uri)),
    };
}

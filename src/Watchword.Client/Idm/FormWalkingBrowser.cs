using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Duende.IdentityModel.OidcClient.Browser;

namespace Watchword.Client;

/// <summary>
/// Goes through the IdM server's log-in page without a browser: for terminals, servers and tests, where a person hands user name and
/// password to this program (TS 33.180 B.4.2.2, <c>3gpp:acr:password</c>). The credentials go only by https to the origin of the
/// authorization endpoint; no script runs.
/// </summary>
/// <param name="handler">A handler of <see cref="TlsTrust.CreateHandler()"/>: it must neither follow redirects nor keep cookies. The caller disposes it.</param>
/// <param name="credential">What is typed in. The caller disposes it.</param>
/// <param name="redirectUri">The redirect URI registered for this client; nothing listens there.</param>
public sealed class FormWalkingBrowser(HttpMessageHandler handler, LogInCredential credential, string redirectUri = FormWalkingBrowser.DefaultRedirectUri)
    : ILoginBrowser
{
    /// <summary>The loopback redirect URI of RFC 8252 §7.3, without a port because nothing listens.</summary>
    public const string DefaultRedirectUri = "http://127.0.0.1/callback";

    private const int MaxSteps = 12;
    private const int MaxPageOctets = 1 << 20;

    /// <inheritdoc/>
    public string RedirectUri { get; } = redirectUri;

    /// <inheritdoc/>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.CredentialsRefused"/>, <see cref="ClientFault.LogInFormNotFound"/>, <see cref="ClientFault.LogInLeftOrigin"/>,
    /// <see cref="ClientFault.AuthorizationRefused"/> and the transport's.
    /// </exception>
    public async Task<BrowserResult> InvokeAsync(BrowserOptions options, CancellationToken cancellationToken = default)
    {
        Uri origin = HttpsUrl.Require(options.StartUrl, "authorization endpoint");
        using HttpClient http = new(handler, disposeHandler: false) { Timeout = options.Timeout, MaxResponseContentBufferSize = MaxPageOctets };
        Walk walk = new(http, origin, options.EndUrl, credential);
        try
        {
            string response = await walk.RunAsync(cancellationToken);
            return new BrowserResult { ResultType = BrowserResultType.Success, Response = response };
        }
        catch (Exception e) when (HttpFaults.IsTransport(e, cancellationToken))
        {
            throw HttpFaults.Map(e, origin);
        }
    }

    /// <summary>One walk: its cookies, and whether the credentials were sent.</summary>
    private sealed class Walk(HttpClient http, Uri start, string endUrl, LogInCredential credential)
    {
        private readonly CookieContainer _cookies = new();
        private bool _sent;

        public async Task<string> RunAsync(CancellationToken cancellation)
        {
            HttpRequestMessage request = new(HttpMethod.Get, start);
            for (int step = 0; step < MaxSteps; step++)
            {
                using HttpRequestMessage current = request;
                Uri at = current.RequestUri!;
                using HttpResponseMessage response = await SendAsync(current, cancellation);
                if (HttpFaults.IsRedirect(response))
                {
                    Uri next = Target(response, at);
                    if (IsEnd(next))
                    {
                        return next.OriginalString;
                    }

                    request = new HttpRequestMessage(HttpMethod.Get, RequireOrigin(next));
                    continue;
                }

                request = await ReadPageAsync(response, at, cancellation);
            }

            throw new WatchwordClientException(ClientFault.LogInFormNotFound, "too many steps");
        }

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            if (_cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } cookie)
            {
                request.Headers.TryAddWithoutValidation("Cookie", cookie);
            }

            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
            HttpResponseMessage response = await http.SendAsync(request, cancellation);
            foreach (string header in response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? values) ? values : [])
            {
                try
                {
                    _cookies.SetCookies(request.RequestUri!, header);
                }
                catch (CookieException)
                {
                    // A cookie for another place or of a broken form: a browser drops it too.
                }
            }

            return response;
        }

        private static Uri Target(HttpResponseMessage response, Uri at)
        {
            // 307 and 308 would repeat a POST with its body: credentials are sent once, to the form's own action.
            if ((int)response.StatusCode is 307 or 308 && response.RequestMessage?.Method == HttpMethod.Post)
            {
                throw new WatchwordClientException(ClientFault.RedirectRefused, "the log-in page asks to send the credentials on");
            }

            return response.Headers.Location is { } location
                ? new Uri(at, location)
                : throw new WatchwordClientException(ClientFault.RedirectRefused, "a redirect without an address", HttpFaults.CorrelationId(response));
        }

        private bool IsEnd(Uri url) =>
            url.OriginalString.StartsWith(endUrl + "?", StringComparison.Ordinal);

        private Uri RequireOrigin(Uri url) =>
            HttpsUrl.SameOrigin(url, start) && url.UserInfo.Length == 0
                ? url
                : throw new WatchwordClientException(ClientFault.LogInLeftOrigin, url.GetLeftPart(UriPartial.Authority));

        private async Task<HttpRequestMessage> ReadPageAsync(HttpResponseMessage response, Uri at, CancellationToken cancellation)
        {
            bool isHtml = response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml";
            HtmlForm? form = isHtml
                ? HtmlForm.Parse(await response.Content.ReadAsStringAsync(cancellation)).FirstOrDefault(f => f.Password is not null && f.UserName is not null)
                : null;
            if (_sent && (form is not null || (int)response.StatusCode is 401 or 403))
            {
                throw new WatchwordClientException(ClientFault.CredentialsRefused, correlationId: HttpFaults.CorrelationId(response))
                {
                    HttpStatus = (int)response.StatusCode,
                };
            }

            if (form is null)
            {
                ClientFault fault = response.IsSuccessStatusCode ? ClientFault.LogInFormNotFound : ClientFault.AuthorizationRefused;
                throw new WatchwordClientException(fault, $"status {(int)response.StatusCode}", HttpFaults.CorrelationId(response))
                {
                    HttpStatus = (int)response.StatusCode,
                };
            }

            return Fill(form, at);
        }

        private HttpRequestMessage Fill(HtmlForm form, Uri at)
        {
            if (form.Method != "post")
            {
                throw new WatchwordClientException(ClientFault.LogInFormNotFound, "the form would put the password into an address");
            }

            Uri action = RequireOrigin(form.Action.Length == 0 ? at : new Uri(at, form.Action));
            HttpRequestMessage request = new(HttpMethod.Post, action) { Content = new CredentialContent(form, credential) };
            request.Headers.TryAddWithoutValidation("Origin", start.GetLeftPart(UriPartial.Authority));
            _sent = true;
            return request;
        }
    }

    /// <summary>The filled form. The password goes from pinned memory to the connection's buffer without becoming a string.</summary>
    private sealed class CredentialContent : HttpContent
    {
        private readonly PinnedSecret _buffer;
        private readonly int _length;

        public CredentialContent(HtmlForm form, LogInCredential credential)
        {
            Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            StringBuilder others = new();
            foreach (HtmlField field in form.Fields.Where(f => f != form.Password))
            {
                string value = field == form.UserName ? credential.UserName : field.Value;
                others.Append(Uri.EscapeDataString(field.Name)).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
            }

            byte[] head = Encoding.ASCII.GetBytes($"{others}{Uri.EscapeDataString(form.Password!.Name)}=");
            _buffer = new PinnedSecret(head.Length + (3 * credential.Password.Length));
            head.CopyTo(_buffer.Span);
            _length = head.Length + Escape(credential.Password, _buffer.Span[head.Length..]);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(_buffer.Array.AsMemory(0, _length)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            _buffer.Dispose();
            base.Dispose(disposing);
        }

        private static int Escape(ReadOnlySpan<byte> text, Span<byte> destination)
        {
            int written = 0;
            foreach (byte octet in text)
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                {
                    destination[written++] = octet;
                    continue;
                }

                destination[written++] = (byte)'%';
                destination[written++] = (byte)"0123456789ABCDEF"[octet >> 4];
                destination[written++] = (byte)"0123456789ABCDEF"[octet & 15];
            }

            return written;
        }
    }
}

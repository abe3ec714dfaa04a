using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Watchword.HttpProxy.Tests.Support;

/// <summary>What a server behind the proxy got.</summary>
internal sealed record Seen(
    string Method, string Target, string Host, Dictionary<string, string[]> Headers, byte[] Body, string? Peer, string Connection);

/// <summary>A real server behind the proxy: Kestrel over TLS, which asks for a client certificate and keeps what it gets.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Backend(WebApplication application) => _application = application;

    public ConcurrentQueue<Seen> Requests { get; } = new();

    /// <summary>Connections whose TLS stood.</summary>
    public ConcurrentQueue<string?> Handshakes { get; } = new();

    /// <summary>What it answers; 200 with <c>ok</c> unless set.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public string Url => _application.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    public static async Task<Backend> StartAsync(Leaf certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        Backend? backend = null;
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate.Certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
                OnAuthenticate = (_, _) => { },
            }).Use(next => connection =>
            {
                backend!.Handshakes.Enqueue(connection.ConnectionId);
                return next(connection);
            }));
        });
        WebApplication application = builder.Build();
        backend = new Backend(application);
        application.Run(backend.ServeAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Requests.Enqueue(new Seen(
            context.Request.Method, context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.Host.Value ?? string.Empty,
            context.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.Select(value => value ?? string.Empty).ToArray(),
                StringComparer.OrdinalIgnoreCase),
            body.ToArray(), context.Connection.ClientCertificate?.GetCertHashString(HashAlgorithmName.SHA256),
            context.Connection.Id));
        if (Answer is { } answer)
        {
            await answer(context);
        }
        else
        {
            await context.Response.WriteAsync("ok", context.RequestAborted);
        }
    }
}

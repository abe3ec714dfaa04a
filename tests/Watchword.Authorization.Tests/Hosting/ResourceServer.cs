using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Watchword.Identity;

namespace Watchword.Authorization.Tests.Hosting;

/// <summary>A resource server on loopback with one endpoint per resource, its own clock and its own log.</summary>
public sealed class ResourceServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ResourceServer(WebApplication app, FakeTimeProvider clock, LogRecorder log)
    {
        (_app, Clock, Log) = (app, clock, log);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public FakeTimeProvider Clock { get; }

    public LogRecorder Log { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ResourceServer> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null)
    {
        FakeTimeProvider clock = new(TestClaims.Now);
        LogRecorder log = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddWatchwordAuthorization(builder.Configuration.GetSection("Authorization"));
        configure?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        foreach (McResource resource in AnnexB.Resources)
        {
            app.MapMethods($"/{resource}", ["GET", "POST"], Describe).RequireMcScope(resource);
        }

        app.MapGet("/open", () => "open");
        app.MapSecurityEvents("/events");
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new ResourceServer(app, clock, log);
    }

    /// <summary>Asks for the key management resource with a bearer token.</summary>
    public Task<HttpResponseMessage> GetAsync(string token, McResource resource = McResource.KeyManagement)
    {
        HttpRequestMessage request = new(HttpMethod.Get, $"/{resource}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Get, $"/{McResource.KeyManagement}");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static ContentHttpResult Describe(HttpContext context)
    {
        AccessTokenPrincipal token = context.GetAccessToken()!;
        return TypedResults.Text(string.Join('\n', AnnexB.Services.Select(token.GetMcServiceId).Append(token.EntityUri)
            .Where(uri => uri is not null).Prepend(token.Subject).Prepend(token.Issuer)));
    }
}

/// <summary>Short forms for reading answers.</summary>
public static class Answers
{
    public static Task<string> TextAsync(this HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public static string Challenge(this HttpResponseMessage response) => response.Headers.WwwAuthenticate.ToString();
}

/// <summary>Keeps what was logged, to prove what was not.</summary>
public sealed class LogRecorder : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Id, string Text)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((logLevel, eventId, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}

/// <summary>An IdM server's key endpoints over TLS, with a certificate of a given CA; counts the fetches.</summary>
public sealed class KeyEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _fetches;

    private KeyEndpoint(WebApplication app) => _app = app;

    public string Jwks { get; set; } = """{"keys":[]}""";

    public string Metadata { get; set; } = "{}";

    public int Status { get; set; } = 200;

    public string? RedirectTo { get; set; }

    public int Fetches => Volatile.Read(ref _fetches);

    public Uri Address => new(_app.Urls.First());

    public string JwksUri => $"https://localhost:{Address.Port}/jwks";

    public string MetadataAddress => $"https://localhost:{Address.Port}/.well-known/openid-configuration";

    public static async Task<KeyEndpoint> StartAsync(X509Certificate2? certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => Listen(listen, certificate)));
        WebApplication app = builder.Build();
        KeyEndpoint endpoint = new(app);
        app.MapGet("/jwks", endpoint.AnswerAsync);
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(endpoint.Metadata, "application/json"));
        await app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Listen(ListenOptions listen, X509Certificate2? certificate)
    {
        if (certificate is not null)
        {
            listen.UseHttps(certificate);
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _fetches);
        if (RedirectTo is not null)
        {
            context.Response.Redirect(RedirectTo);
            return Task.CompletedTask;
        }

        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(Jwks);
    }
}

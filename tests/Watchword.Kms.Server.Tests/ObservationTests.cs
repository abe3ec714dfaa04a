using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>What leaves a running KMS beside its answers: log, metrics, traces. No identity, token, query or path is among
/// it.</summary>
public sealed class ObservationTests
{
    private static readonly string[] Secrets =
    [
        "alice", "mallory", "sip:", "sip%3A", "sip%3a", "mc.test.example", "secretquery", "secretagent", "secretheader",
        "secretmethod",
        "secretstate", "secretpath",
    ];

    [Fact]
    public async Task No_line_of_the_log_holds_an_identity_a_token_or_a_path()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Logging:LogLevel:Watchword", "Trace"));
        string token = await AskInEveryWayAsync(host);
        string log = host.LogText;
        CheckFree(log, token);
        log.ShouldContain("POST /keymanagement/identity/v1/keyprov/{uri}/{time} 200");
        log.ShouldContain("POST /keymanagement/identity/v1/keyprov/{uri} 403 error 40303");
        log.ShouldContain("POST /keymanagement/identity/v1/keyprov 200");
        log.ShouldContain("POST /keymanagement/identity/v1/init 403 error 40301");
        log.ShouldContain("_OTHER ");
    }

    [Fact]
    public async Task Each_request_has_one_line_with_the_correlation_id_of_its_answer()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using Answer answer = await host.KeyProvAsync(host.Token());
        using Answer refused = await host.KeyProvAsync(token: null);
        foreach (Answer each in new[] { answer, refused })
        {
            string id = each.Headers.GetValues("X-Correlation-Id").Single();
            int lines = 0;
            // It is written when the answer has left.
            for (int i = 0; lines == 0 && i < 6000; i++)
            {
                lines = host.LogText.Split('\n').Count(line => line.Contains(" 2180 ", StringComparison.Ordinal)
                    && line.Contains(id, StringComparison.Ordinal));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            lines.ShouldBe(1);
        }
    }

    [Fact]
    public async Task What_a_collector_receives_has_templates_and_numbers_only()
    {
        ConcurrentBag<string> received = [];
        await using WebApplication collector = await StartCollectorAsync(received);
        string endpoint = collector.Urls.Single();
        string token;
        await using (KmsHost host = await KmsHost.StartAsync(
            ("Telemetry:Otlp:Endpoint", endpoint), ("Telemetry:Otlp:Protocol", "Http"), ("Kms:KmsId", "node-7")))
        {
            token = await AskInEveryWayAsync(host);
            host.Services.GetRequiredService<TracerProvider>().ForceFlush().ShouldBeTrue();
            host.Services.GetRequiredService<MeterProvider>().ForceFlush().ShouldBeTrue();
        }

        string traces = string.Concat(received.Where(text => text.StartsWith("/v1/traces", StringComparison.Ordinal)));
        string metrics = string.Concat(received.Where(text => text.StartsWith("/v1/metrics", StringComparison.Ordinal)));
        traces.ShouldContain("POST /keymanagement/identity/v1/keyprov/{uri}/{time}");
        traces.ShouldContain("watchword.correlation_id");
        traces.ShouldContain("audit");
        traces.ShouldContain("watchword-kms");
        traces.ShouldNotContain("Microsoft.AspNetCore");
        traces.ShouldContain("node-7");
        metrics.ShouldContain("watchword.kms.request.duration");
        metrics.ShouldContain("watchword.kms.issue.duration");
        metrics.ShouldContain("watchword.kms.audit.append.duration");
        metrics.ShouldContain("watchword.kms.key_sets.issued");
        CheckFree(traces + metrics, token);
        // The trace identifier that the client sent, as octets: a trace of a KMS is the KMS's own.
        traces.ShouldNotContain(Encoding.Latin1.GetString(Convert.FromHexString(ClientTrace)));
    }

    [Fact]
    public async Task Metrics_are_fetched_on_their_own_listener_and_on_no_other()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Telemetry:Metrics:Listen", "http://127.0.0.1:0"));
        string token = await AskInEveryWayAsync(host);
        using HttpClient scraper = new() { BaseAddress = new Uri($"http://127.0.0.1:{host.LastAddress.Port}") };
        string page = await scraper.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        CheckFree(page, token);
        foreach (string name in new[]
        {
            "watchword_kms_request_duration_seconds_bucket", "watchword_kms_key_sets_issued_total",
            "watchword_kms_issue_duration_seconds",
            "watchword_kms_audit_append_duration_seconds", "watchword_kms_tls_certificate_remaining_seconds",
            "watchword_kms_requests_refused_total", "watchword_kms_domain_info", "watchword_authorization_accepted",
            "error_type=\"40303\"", "http_route=\"/keymanagement/identity/v1/keyprov/{uri}/{time}\"",
        })
        {
            page.ShouldContain(name);
        }

        (await scraper.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (string path in new[] { AnnexDPaths.Init, "/", "/metrics/x" })
        {
            (await scraper.PostAsync(path, null,
                TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await host.Client.GetAsync("/metrics",
            TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_a_section_nothing_is_exported()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        host.Services.GetService(typeof(TracerProvider)).ShouldBeNull();
        host.Services.GetService(typeof(MeterProvider)).ShouldBeNull();
        (await host.Client.GetAsync("/metrics",
            TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private const string ClientTrace = "0af7651916cd43dd8448eb211c80319c";

    /// <summary>Identities and other words in path, query, header, body, method and trace context; good and refused
    /// requests.</summary>
    private static async Task<string> AskInEveryWayAsync(KmsHost host)
    {
        string token = host.Token();
        (string, string)[] headers =
        [
            ("User-Agent", "secretagent"), ("X-3GPP-Asserted-Identity", "\"sip:mallory@mc.test.example\""), ("X-Other",
            "secretheader"),
            ("traceparent", $"00-{ClientTrace}-b7ad6b7169203331-01"), ("tracestate", "w=secretstate"), ("baggage",
            "user=mallory"),
        ];
        string mine = AnnexDPaths.KeyProv("sip:alice.ptt@mc.test.example");
        string timed = AnnexDPaths.KeyProv(
            "sip:alice.ptt@mc.test.example", NtpTimestamp.FromDateTimeOffset(host.Time.GetUtcNow()));
        (string Path, string? Token, byte[]? Body, string Method)[] requests =
        [
            (AnnexDPaths.Init, token, null, "POST"),
            (AnnexDPaths.Init, null, null, "POST"),
            (AnnexDPaths.KeyProv(), token, null, "POST"),
            (mine, token, host.Request(mine), "POST"),
            (mine, token, host.Request(mine, userUri: "sip:mallory@mc.test.example"), "POST"),
            (mine, token, host.Request(mine, url: "https://mallory.mc.test.example/secretpath"), "POST"),
            (mine, token, Encoding.UTF8.GetBytes("<mallory>"), "POST"),
            (timed, token, null, "POST"),
            (AnnexDPaths.KeyProv("sip:mallory@mc.test.example"), token, null, "POST"),
            (mine, token + "x", null, "POST"),
            (mine, token, null, "GET"),
            (mine, token, null, "secretmethod"),
            (AnnexDPaths.Root + "/keyprov/sip%3Amallory%zz", token, null, "POST"),
            (AnnexDPaths.Root + "/keyprov/mallory/secretpath/x", token, null, "POST"),
            (AnnexDPaths.Root + "/lookup/sip%3Amallory%40mc.test.example", token, null, "POST"),
            (AnnexDPaths.Init + "?secretquery=mallory", token, null, "POST"),
            ("/secretpath/mallory?access_token=" + token, null, null, "GET"),
        ];
        foreach ((string path, string? bearer, byte[]? body, string method) in requests)
        {
            using Answer answer = await host.PostAsync(path, bearer, body, new HttpMethod(method), headers);
        }

        return token;
    }

    private static void CheckFree(string text, string token)
    {
        foreach (string secret in Secrets)
        {
            int at = text.IndexOf(secret, StringComparison.OrdinalIgnoreCase);
            at.ShouldBe(-1, at < 0 ? null : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)]);
        }

        foreach (string part in token.Split('.'))
        {
            text.ShouldNotContain(part[..20]);
            text.ShouldNotContain(part[^20..]);
        }
    }

    /// <summary>A collector that keeps what it gets as text, one octet a character, behind the path that it was sent
    /// to.</summary>
    private static async Task<WebApplication> StartCollectorAsync(ConcurrentBag<string> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication collector = builder.Build();
        collector.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.Add(context.Request.Path.Value + Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }
}

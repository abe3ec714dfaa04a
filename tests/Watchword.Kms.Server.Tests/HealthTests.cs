using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>What load balancers see, and how the KMS stops.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Readiness_names_its_checks_and_nothing_else()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        (HttpStatusCode status, Dictionary<string, string> checks, _) = await ReadyAsync(host);
        status.ShouldBe(HttpStatusCode.OK);
        checks.Keys.Order().ShouldBe(["accepting", "certificate", "clock", "domain", "store"]);
        checks.Values.ShouldAllBe(state => state == "ok");
    }

    [Fact]
    public async Task A_clock_behind_the_audit_log_is_named()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        using (Answer answer = await host.KeyProvAsync(host.Token()))
        {
            answer.Status.ShouldBe(HttpStatusCode.OK);
        }

        await host.StopAsync();
        host.Time.AdjustTime(host.Time.GetUtcNow().AddHours(-1));
        await host.StartAgainAsync();
        (HttpStatusCode status, Dictionary<string, string> checks, _) = await ReadyAsync(host);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        checks.Where(check => check.Value != "ok").Select(check => check.Key).ShouldBe(["clock"]);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_named_and_no_path_is()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        string file = Path.Combine(host.DataDirectory, "kms.db");
        File.Move(file, file + ".away");
        await File.WriteAllTextAsync(file, "this is no database, and was never one", TestContext.Current.CancellationToken);
        (HttpStatusCode status, Dictionary<string, string> checks, string body) = await ReadyAsync(host);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        checks["store"].ShouldBe("failed");
        checks["domain"].ShouldBe("ok");
        body.ShouldNotContain("kms.db");
    }

    [Fact]
    public async Task While_it_drains_the_server_serves_but_is_not_ready()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:DrainSeconds", "5"));
        Task stopping = host.Services.GetRequiredService<IHost>().StopAsync(TestContext.Current.CancellationToken);
        (HttpStatusCode Status, Dictionary<string, string> Checks, string) ready;
        do
        {
            ready = await ReadyAsync(host);
        }
        while (ready.Status == HttpStatusCode.OK);
        ready.Checks.Where(check => check.Value != "ok").Select(check => check.Key).ShouldBe(["accepting"]);
        using (Answer answer = await host.PostAsync(AnnexDPaths.Init, host.Token()))
        {
            answer.Status.ShouldBe(HttpStatusCode.OK);
        }

        stopping.IsCompleted.ShouldBeFalse();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        await stopping;
        await Should.ThrowAsync<HttpRequestException>(() => ReadyAsync(host));
        host.LogText.ShouldContain(" 2200 ");
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_before_the_server_is_gone()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        string path = AnnexDPaths.KeyProv();
        byte[] body = host.Request(path);
        using RawConnection connection = await RawConnection.OpenAsync(host.Address.Port);
        await connection.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {host.Token()}\r\n"
            + $"Content-Type: application/xml\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");
        // The server asks for the body: the request is under way.
        (await connection.ReadAnswerAsync()).ShouldContain("100");
        IHost server = host.Services.GetRequiredService<IHost>();
        Task stopping = Task.Run(() => server.StopAsync(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken);
        await connection.SendAsync(body);
        (await connection.ReadAnswerAsync()).ShouldContain("200");
        await stopping;
    }

    private static async Task<(HttpStatusCode Status, Dictionary<string, string> Checks, string Body)> ReadyAsync(KmsHost host)
    {
        using HttpResponseMessage response = await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(body);
        Dictionary<string, string> checks = document.RootElement.GetProperty("checks").EnumerateObject()
            .ToDictionary(check => check.Name, check => check.Value.GetString()!);
        return (response.StatusCode, checks, body);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Watchword.Hosting;

/// <summary>
/// <c>/health/live</c> says that the process answers, <c>/health/ready</c> that a request would be served. The body names each
/// check and its state and nothing else: anybody may read it.
/// </summary>
public static class HealthAnswer
{
    /// <summary>The process answers.</summary>
    public const string LivePath = "/health/live";

    /// <summary>A request would be served.</summary>
    public const string ReadyPath = "/health/ready";

    /// <summary>Tag of the checks that make readiness.</summary>
    public const string ReadyTag = "ready";

    /// <summary>No check: an answer is proof enough.</summary>
    public static HealthCheckOptions Live { get; } = new() { Predicate = _ => false, ResponseWriter = WriteAsync };

    /// <summary>Every check of readiness. Degraded is ready still (200).</summary>
    public static HealthCheckOptions Ready { get; } =
        new() { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync };

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("status", Word(report.Status));
        if (report.Entries.Count > 0)
        {
            writer.WriteStartObject("checks");
            foreach ((string name, HealthReportEntry entry) in report.Entries)
            {
                writer.WriteString(name, Word(entry.Status));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "ok",
        HealthStatus.Degraded => "degraded",
        _ => "failed",
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Watchword.Hosting;

/// <summary>What every server of ours measures, on its own meter. Tags have few values: route templates and numbers.</summary>
public sealed class ServerMetrics
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Meter _meter;
    private readonly string _prefix;
    private readonly Histogram<double> _requests;
    private readonly Counter<long> _certificates;

    /// <summary>The instruments of the server <paramref name="names"/>.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public ServerMetrics(IMeterFactory meters, ServerNames names)
    {
        _meter = meters.Create(names.Source);
        _prefix = names.Prefix;
        _requests = _meter.CreateHistogram(
            names.Prefix + ".request.duration", "s", "Requests by route template, status and error number.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _certificates = _meter.CreateCounter<long>(
            names.Prefix + ".tls.certificate.reads", "{read}", "New contents of the TLS files, by outcome.");
    }

    /// <summary>A request was answered.</summary>
    public void RequestDone(string method, string route, int status, string? error, TimeSpan duration)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("http.request.method", method), new("http.route", route), new("http.response.status_code", status),
            new("error.type", error),
        ];
        _requests.Record(duration.TotalSeconds, tags.AsSpan(0, error is null ? 3 : 4));
    }

    /// <summary>The TLS files changed and were taken over, or refused.</summary>
    public void CertificateRead(TlsFault fault) => _certificates.Add(
        1, new KeyValuePair<string, object?>("outcome", fault == TlsFault.None ? "taken" : fault.ToString()));

    /// <summary>Shows how long the certificate in use is still valid.</summary>
    public void ObserveCertificate(Func<TimeSpan> left) => _meter.CreateObservableGauge(
        _prefix + ".tls.certificate.remaining", () => left().TotalSeconds, "s", "Time until the TLS certificate in use expires.");
}

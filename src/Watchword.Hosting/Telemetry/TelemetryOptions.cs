namespace Watchword.Hosting;

/// <summary>The section <c>Telemetry</c>: where metrics and traces go. Without it nothing leaves and nothing can be
/// fetched.</summary>
public sealed class TelemetryOptions
{
    /// <summary>A collector that metrics and traces are sent to; null for none.</summary>
    public OtlpOptions? Otlp { get; set; }

    /// <summary>A listener of its own for metrics and health; null for none.</summary>
    public MetricsListenerOptions? Metrics { get; set; }
}

/// <summary>An OpenTelemetry collector.</summary>
public sealed class OtlpOptions
{
    /// <summary>URL of the collector: https, or http on this machine. For <see cref="OtlpProtocol.Http"/> without the paths
    /// <c>/v1/traces</c> and <c>/v1/metrics</c>.</summary>
    public string Endpoint { get; set; } = string.Empty;

    /// <summary>How it is spoken to.</summary>
    public OtlpProtocol Protocol { get; set; }
}

/// <summary>The transports of OTLP.</summary>
public enum OtlpProtocol
{
    /// <summary>OTLP over gRPC.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, protobuf.</summary>
    Http,
}

/// <summary>The listener that a Prometheus server fetches <c>/metrics</c> from, and a load balancer
/// <c>/health/ready</c>.</summary>
public sealed class MetricsListenerOptions
{
    /// <summary>https URL without path, or http on a loopback address, such as <c>http://127.0.0.1:9464</c>.</summary>
    public string Listen { get; set; } = string.Empty;
}

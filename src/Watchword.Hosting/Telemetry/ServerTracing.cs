using System.Diagnostics;

namespace Watchword.Hosting;

/// <summary>
/// The activity source of a server. Never registered as an <see cref="ActivitySource"/>: ASP.NET Core would take it for its own,
/// and
/// its span of a request, with the client's trace state, would leave under our name.
/// </summary>
public sealed class ServerTracing(ServerNames names) : IDisposable
{
    private readonly ActivitySource _source = new(names.Source);

    /// <summary>Begins the span of a request; null if nobody listens.</summary>
    public Activity? StartRequest() => _source.StartActivity("request", ActivityKind.Server);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}

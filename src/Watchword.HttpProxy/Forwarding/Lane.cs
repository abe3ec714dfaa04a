namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// The requests of UEs, or of network entities, to one server: with connections of their own, which the other kind never uses.
/// </summary>
internal sealed class Lane(string name, IReadOnlyList<Uri> destinations, HttpMessageInvoker connections)
{
    private readonly Destination[] _destinations = [.. destinations.Select((url, i) => new Destination(url, i))];
    private uint _turn;

    /// <summary>The name of the route, and whose requests they are.</summary>
    public string Name => name;

    /// <summary>False where nobody may ask.</summary>
    public bool IsOpen => _destinations.Length > 0;

    public HttpMessageInvoker Connections => connections;

    /// <summary>True if no destination could be reached lately.</summary>
    public bool IsDown(DateTimeOffset now) => IsOpen && _destinations.All(destination => destination.Rests(now));

    /// <summary>The destinations in the order in which this request tries them: in turn, those that rest last.</summary>
    public IEnumerable<Destination> Order(DateTimeOffset now)
    {
        uint first = Interlocked.Increment(ref _turn);
        return Enumerable.Range(0, _destinations.Length)
            .Select(i => _destinations[(int)((first + (uint)i) % (uint)_destinations.Length)])
            .OrderBy(destination => destination.Rests(now));
    }
}

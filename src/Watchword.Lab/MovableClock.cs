namespace Watchword.Lab;

/// <summary>The system's clock, moved ahead. Only the throw-away copy of the domain lives under it.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _offsetTicks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _offsetTicks));

    /// <summary>Moves the clock so that it now shows <paramref name="time"/>.</summary>
    public void MoveTo(DateTimeOffset time) => Volatile.Write(ref _offsetTicks, (time - System.GetUtcNow()).Ticks);
}

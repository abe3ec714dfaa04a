namespace Watchword.Lab.Walk;

/// <summary>The servers of the throw-away copy, and the clock that they live under.</summary>
internal sealed record MovedLab(LabServers Servers, LabDescription Lab, MovableClock Clock)
{
    /// <summary>Moves the clock, and waits until the KMS has heard of the IdM server since: to it, the time between was silence.</summary>
    public Task MoveToAsync(DateTimeOffset time, CancellationToken cancellation)
    {
        Clock.MoveTo(time);
        return Servers.WaitForEventsAsync(cancellation);
    }
}

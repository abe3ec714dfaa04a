namespace Watchword.Sip;

/// <summary>A bucket that holds <paramref name="burst"/> requests and fills evenly with <paramref name="perSecond"/>.</summary>
internal sealed class SipTokenBucket(int perSecond, int burst, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _level = burst;
    private long _filled = time.GetTimestamp();

    public bool TryTake()
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _level = Math.Min(burst, _level + (time.GetElapsedTime(_filled, now).TotalSeconds * perSecond));
            _filled = now;
            if (_level < 1)
            {
                return false;
            }

            _level -= 1;
            return true;
        }
    }
}

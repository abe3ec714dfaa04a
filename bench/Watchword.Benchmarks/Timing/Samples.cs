namespace Watchword.Benchmarks.Timing;

/// <summary>Times in clock ticks, and to which class each belongs.</summary>
internal sealed class Samples(int capacity)
{
    private readonly List<long> ticks = new(capacity);
    private readonly List<bool> areFixed = new(capacity);

    public int Count => ticks.Count;

    public void Add(bool isFixed, long elapsed)
    {
        areFixed.Add(isFixed);
        ticks.Add(elapsed);
    }

    public (bool IsFixed, long Ticks) At(int index) => (areFixed[index], ticks[index]);

    /// <summary>All times of both classes in ascending order.</summary>
    public long[] Sorted()
    {
        long[] sorted = [.. ticks];
        Array.Sort(sorted);
        return sorted;
    }
}

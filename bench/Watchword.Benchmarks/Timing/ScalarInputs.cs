namespace Watchword.Benchmarks.Timing;

/// <summary>Fixed inputs that tempt an implementation to do less: most of their bits are zeros.</summary>
internal static class ScalarInputs
{
    /// <summary>Big-endian 1.</summary>
    public static void FillOne(Span<byte> octets)
    {
        octets.Clear();
        octets[^1] = 1;
    }

    public static void FillZero(Span<byte> octets) => octets.Clear();
}

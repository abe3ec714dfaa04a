namespace Watchword.Benchmarks.Measuring;

/// <summary>What the checks of the rows say.</summary>
internal static class Expect
{
    /// <exception cref="CheckFailedException">The condition is false.</exception>
    public static void That(bool condition, string expectation)
    {
        if (!condition)
        {
            throw new CheckFailedException($"expected that {expectation}");
        }
    }

    /// <exception cref="CheckFailedException">The octets differ.</exception>
    public static void Equal(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected, string expectation) =>
        That(actual.SequenceEqual(expected), expectation);
}

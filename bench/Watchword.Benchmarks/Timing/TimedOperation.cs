namespace Watchword.Benchmarks.Timing;

/// <summary>A secret operation and two classes of its input, between which its time must not tell.</summary>
/// <param name="Key">The operation's name in every output.</param>
/// <param name="Classes">The two classes in a few words.</param>
internal sealed record TimedOperation(string Key, string Classes)
{
    /// <summary>Octets of an input.</summary>
    public required int InputSize { get; init; }

    /// <summary>Writes the one input of the fixed class.</summary>
    public required Action<Span<byte>> FillFixed { get; init; }

    /// <summary>Writes an input of the other class.</summary>
    public required Action<Span<byte>> FillRandom { get; init; }

    /// <summary>Takes an input to where <see cref="Run"/> finds it, the same place for both classes. Not timed.</summary>
    public required Action<ReadOnlySpan<byte>> Load { get; init; }

    /// <summary>The operation; as often as <see cref="Repetitions"/> says. This is what is timed.</summary>
    public required Action Run { get; init; }

    /// <summary>Tidies up after a run. Not timed.</summary>
    public Action Unload { get; init; } = static () => { };

    /// <summary>More than 1 for an operation that is too short for the clock.</summary>
    public int Repetitions { get; init; } = 1;

    /// <summary>Leaks on purpose: a test that does not notice is worth nothing.</summary>
    public bool LeaksOnPurpose { get; init; }
}

namespace Watchword.Benchmarks.Measuring;

/// <summary>A row's own result was wrong: its rate would mean nothing.</summary>
internal sealed class CheckFailedException : Exception
{
    public CheckFailedException(string message)
        : base(message)
    {
    }

    public CheckFailedException(string row, string message, Exception inner)
        : base($"{row}: {message}", inner) => Row = row;

    /// <summary>The row, once it is known.</summary>
    public string? Row { get; }
}

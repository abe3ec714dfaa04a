namespace Watchword.Benchmarks.Measuring;

/// <summary>One row of the tables: an operation with its check.</summary>
/// <param name="Key">The row's name in every output.</param>
/// <param name="Meaning">What one operation is, in a few words.</param>
internal sealed record Row(string Key, string Meaning)
{
    /// <summary>How many operations one call does; more than 1 where a row handles many together.</summary>
    public int OperationsPerCall { get; init; } = 1;

    /// <summary>A row of batches spreads over threads within its call.</summary>
    public bool IsBatch => OperationsPerCall > 1;

    /// <summary>
    /// Does the operation once and looks at what it gives: the right result for the right input, a refusal for a wrong one.
    /// </summary>
    public required Action Check { get; init; }

    /// <summary>Makes a worker; a batch takes the greatest number of threads of a call.</summary>
    public required Func<int, Worker> CreateWorker { get; init; }

    /// <summary>Runs <see cref="Check"/>; a fault carries the row's name.</summary>
    /// <exception cref="CheckFailedException">The operation does not what it should.</exception>
    public void RunCheck()
    {
        try
        {
            Check();
        }
        catch (Exception exception) when (exception is not CheckFailedException { Row: not null })
        {
            throw new CheckFailedException(Key, exception.Message, exception);
        }
    }
}

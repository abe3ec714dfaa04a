namespace Watchword.Benchmarks.Measuring;

/// <summary>One thread's own part in a row: its inputs, its outputs, and the operation. Keys are shared by workers.</summary>
internal sealed class Worker(Action<int> prepare, Action<int> run)
{
    /// <summary>A worker that needs no new inputs.</summary>
    public Worker(Action<int> run)
        : this(static _ => { }, run)
    {
    }

    /// <summary>Makes the inputs of the next <see cref="Run"/> of as many operations. Not timed.</summary>
    public void Prepare(int operations) => prepare(operations);

    /// <summary>Does the operations. This is what is timed.</summary>
    public void Run(int operations) => run(operations);
}

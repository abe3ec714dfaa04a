namespace Watchword.Lab.Walk;

/// <summary>One step of the walk as it went.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Title">What was done, in a few words.</param>
/// <param name="Clause">Where it is written.</param>
/// <param name="Held">Whether everything that the step claims was seen.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Facts">What was seen, line by line; never a secret.</param>
/// <param name="Fault">Why it did not hold.</param>
public sealed record WalkStep(
    int Number, string Title, string Clause, bool Held, double Milliseconds, IReadOnlyList<string> Facts, string? Fault);

/// <summary>Takes the steps as they happen.</summary>
public interface IWalkListener
{
    /// <summary>A step is about to begin.</summary>
    void OnBegin(int number, string title, string clause);

    /// <summary>A step has ended.</summary>
    void OnEnd(WalkStep ended);
}

using System.Diagnostics;

namespace Watchword.Lab.Walk;

/// <summary>A step saw something else than it claims.</summary>
internal sealed class WalkException(string message) : Exception(message);

/// <summary>Collects what a step saw.</summary>
internal sealed class WalkFacts
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(line);

    /// <summary>States a fact that must hold; the step fails where it does not.</summary>
    public void Require(bool condition, string fact)
    {
        if (!condition)
        {
            throw new WalkException($"this did not hold: {fact}");
        }

        _lines.Add(fact);
    }
}

/// <summary>Runs steps one after the other, times them and tells a listener. After a fault the rest is not attempted.</summary>
internal sealed class WalkRunner(IWalkListener listener, KeyMessageCapture? capture = null)
{
    private readonly List<WalkStep> _steps = [];

    public IReadOnlyList<WalkStep> Steps => _steps;

    /// <summary>Where the steps note the MIKEY messages they hand over; null if nobody asked.</summary>
    public KeyMessageCapture? Capture => capture;

    public bool Held => _steps.TrueForAll(step => step.Held);

    public async Task StepAsync(string title, string clause, Func<WalkFacts, Task> action)
    {
        if (!Held)
        {
            return;
        }

        int number = _steps.Count + 1;
        listener.OnBegin(number, title, clause);
        WalkFacts facts = new();
        long start = Stopwatch.GetTimestamp();
        string? fault = null;
        try
        {
            await action(facts);
        }
#pragma warning disable CA1031 // The boundary of a step: whatever went wrong is this step's outcome.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            fault = exception is WalkException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        }

        WalkStep step = new(
            number, title, clause, fault is null, Stopwatch.GetElapsedTime(start).TotalMilliseconds, facts.Lines, fault);
        _steps.Add(step);
        listener.OnEnd(step);
    }
}

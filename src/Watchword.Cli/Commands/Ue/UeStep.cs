namespace Watchword.Cli.Commands.Ue;

/// <summary>What came of a step.</summary>
internal enum UeStepOutcome
{
    /// <summary>It held.</summary>
    Done = 0,

    /// <summary>There was nothing to do, or it could not be tried; the result says why.</summary>
    Skipped = 1,

    /// <summary>The server has no such document, which is no failure.</summary>
    NotProvisioned = 2,

    /// <summary>It failed.</summary>
    Failed = 3,
}

/// <summary>One step of the way of a UE.</summary>
/// <param name="Name">A stable name.</param>
/// <param name="Clause">Where it is specified.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Result">The same in words.</param>
/// <param name="Next">What to do after a failure; null if there is nothing to say.</param>
internal sealed record UeStep(string Name, string Clause, UeStepOutcome Outcome, string Result, string? Next = null);

namespace Watchword.Cli.Diagnosis;

/// <summary>How a check of a message ended.</summary>
internal enum FindingResult
{
    /// <summary>It fits.</summary>
    Passed,

    /// <summary>It does not fit, and the text says why.</summary>
    Failed,

    /// <summary>It could not be checked, and the next step says what is needed.</summary>
    Unknown,

    /// <summary>Nothing is checked: something worth knowing.</summary>
    Note,
}

/// <summary>What a check found.</summary>
/// <param name="Check">The name of the check, stable: <c>form</c>, <c>time</c>, <c>signature</c> and so on.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Text">What was found, and where it does not fit, why.</param>
/// <param name="Next">What to do.</param>
/// <param name="Clause">The clause that asks for it.</param>
internal sealed record Finding(string Check, FindingResult Result, string Text, string? Next = null, string? Clause = null);

namespace Watchword.McServices.Xcap;

/// <summary>What became of an operation on a node.</summary>
public enum XcapEditOutcome
{
    /// <summary>The node was replaced.</summary>
    Replaced = 0,

    /// <summary>The node was made.</summary>
    Created = 1,

    /// <summary>The node was deleted.</summary>
    Deleted = 2,

    /// <summary>The URI selects no node, or more than one.</summary>
    NotFound = 3,

    /// <summary>Nothing was changed; <see cref="XcapEdit.Error"/> says why.</summary>
    Refused = 4,
}

/// <summary>The result of an operation on a node.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">With <see cref="XcapEditOutcome.Refused"/>, why.</param>
/// <param name="ExistingSteps">
/// With <see cref="XcapErrorKind.NoParent"/>, how many steps of the selector lead to an element that exists.
/// </param>
public readonly record struct XcapEdit(XcapEditOutcome Outcome, XcapErrorKind? Error = null, int ExistingSteps = 0)
{
    internal static XcapEdit Refuse(XcapErrorKind error, int existingSteps = 0) =>
        new(XcapEditOutcome.Refused, error, existingSteps);
}

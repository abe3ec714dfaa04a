using Watchword.Kms;

namespace Watchword.Lab.Walk;

/// <summary>Who orders what an administrator orders in a real KMS.</summary>
internal static class LabOfficers
{
    /// <summary>Enrols devices and imports partners.</summary>
    public static Authority First { get; } = new("lab", "olga", "crypto officer");

    /// <summary>Approves what the first one imported.</summary>
    public static Authority Second { get; } = new("lab", "otto", "crypto officer");

    /// <summary>Ties the log of the KMS to the walk.</summary>
    public const string CorrelationId = "walk";
}

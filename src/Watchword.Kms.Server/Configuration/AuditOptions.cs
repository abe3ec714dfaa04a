using Watchword.Hosting;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The section <c>Kms:Audit</c> as the operator wrote it.</summary>
public sealed class AuditOptions
{
    /// <summary>A checkpoint is signed after so many records, 1 to 1000000.</summary>
    public long CheckpointRecords { get; set; } = CheckpointDue.Default.Records;

    /// <summary>A checkpoint is signed so long after the one before, if there are records since, in minutes, 1 to 10080; 0 if
    /// this node is to sign none, because another one of the same store does.</summary>
    public int CheckpointMinutes { get; set; } = (int)CheckpointDue.Default.Age.TotalMinutes;

    /// <summary>Where this node keeps the signed end of the log, outside the database; by default <c>audit-head</c> in the data
    /// directory.</summary>
    public string? HeadFile { get; set; }
}

/// <summary>The checked, immutable configuration of the audit log.</summary>
public sealed class AuditSettings
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromMinutes(1);

    internal AuditSettings(AuditOptions options, DataDirectory data, ConfigurationFaults faults)
    {
        HeadPath = PathOf(options.HeadFile, data);
        const string section = "Kms:Audit:";
        long records = (long)KmsSettings.Within(
            options.CheckpointRecords, 1, 1_000_000, section + nameof(options.CheckpointRecords), faults);
        int minutes = (int)KmsSettings.Within(
            options.CheckpointMinutes, 0, 10_080, section + nameof(options.CheckpointMinutes), faults);
        Checkpoints = minutes == 0 ? null : new CheckpointDue(records, TimeSpan.FromMinutes(minutes));
    }

    /// <summary>Where the signed end of the log is kept.</summary>
    internal string HeadPath { get; }

    /// <summary>The file that an option names, or that of the data directory.</summary>
    internal static string PathOf(string? option, DataDirectory data) =>
        string.IsNullOrEmpty(option) ? Path.Combine(data.Path, "audit-head") : option;

    /// <summary>When a checkpoint is due; null if this node signs none.</summary>
    public CheckpointDue? Checkpoints { get; }

    /// <summary>How often it is looked whether one is due: ten times in its interval, and every minute at least.</summary>
    internal TimeSpan LookInterval => Checkpoints is { } due && due.Age / 10 < LongestLook ? due.Age / 10 : LongestLook;
}

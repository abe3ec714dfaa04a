using Watchword.Hosting;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The section <c>Kms:Preparation</c>: whether this node makes keys of the next period before they are asked
/// for.</summary>
public sealed class PreparationOptions
{
    private const double LeastShare = 0.01;

    /// <summary>False by default: then nothing is prepared here, and nothing that was is given out here.</summary>
    public bool Enabled { get; set; }

    /// <summary>The share of the processors that preparing may take, 0.01 to 1; the rest serves.</summary>
    public double ProcessorShare { get; set; } = new PreparationSettings().ProcessorShare;

    /// <summary>Identities of one batch, which is one pair of audit records and one transaction, 1 to 10000.</summary>
    public int BatchSize { get; set; } = new PreparationSettings().BatchSize;

    /// <summary>The checked section; null if nothing is prepared.</summary>
    internal static PreparationSettings? Read(PreparationOptions options, ConfigurationFaults faults)
    {
        const string section = "Kms:Preparation:";
        double share = KmsSettings.Within(
            options.ProcessorShare, LeastShare, 1, section + nameof(options.ProcessorShare), faults);
        int size = (int)KmsSettings.Within(options.BatchSize, 1, 10_000, section + nameof(options.BatchSize), faults);
        return options.Enabled ? new PreparationSettings(share, size) : null;
    }
}

using Watchword.Hosting;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The section <c>Kms:Partners</c> as the operator wrote it: other security domains.</summary>
public sealed class PartnerOptions
{
    /// <summary>True if the officer who imported a partner's KMS certificate may also approve it.</summary>
    public bool SameOfficerMayApprove { get; set; }

    /// <summary>How many KMS redirect responses of one requester are kept, 1 to 1000; the oldest give way.</summary>
    public int RedirectsPerRequester { get; set; } = 20;

    /// <summary>How many KMS redirect responses of a domain are kept, 1 to 100000.</summary>
    public int RedirectsPerDomain { get; set; } = 1000;

    /// <summary>How many KMSs that redirect responses propose are kept for the crypto officer, 1 to 10000.</summary>
    public int ProposedPerDomain { get; set; } = 500;
}

/// <summary>The checked, immutable configuration of partners.</summary>
public sealed class PartnerSettings
{
    internal PartnerSettings(PartnerOptions options, ConfigurationFaults faults)
    {
        const string section = "Kms:Partners:";
        Policy = new PartnerPolicy { SameOfficerMayApprove = options.SameOfficerMayApprove };
        Redirects = new RedirectLimits(
            (int)KmsSettings.Within(
                options.RedirectsPerRequester, 1, 1000, section + nameof(options.RedirectsPerRequester), faults),
            (int)KmsSettings.Within(options.RedirectsPerDomain, 1, 100_000, section + nameof(options.RedirectsPerDomain), faults),
            (int)KmsSettings.Within(options.ProposedPerDomain, 1, 10_000, section + nameof(options.ProposedPerDomain), faults));
    }

    /// <summary>Who may approve what was imported.</summary>
    public PartnerPolicy Policy { get; }

    /// <summary>How much of redirect responses is kept.</summary>
    public RedirectLimits Redirects { get; }
}

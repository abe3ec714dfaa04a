using Watchword.Hosting;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The section <c>TransportKeys</c>, of <c>Kms</c> for all domains and of an entry of <c>Kms:Domains</c> for that one:
/// transport and integrity keys. What is null is as in the section of all, or else the default.</summary>
public sealed class TransportKeyOptions
{
    /// <summary>Whose requests must be signed: <c>RequiredForEnrolled</c> (the default), <c>Required</c> or <c>Off</c>.</summary>
    public SignedRequests? SignedRequests { get; set; }

    /// <summary>True if key material is only ever sent wrapped; false by default.</summary>
    public bool? RequireWrapping { get; set; }

    /// <summary>How keys are wrapped: <c>KwStrip04</c> (the default), <c>Kwp</c> or <c>KwpAsKw</c>. A client may have its
    /// own.</summary>
    public KeyWrapProfile? WrapProfile { get; set; }

    /// <summary>Days after which the keys of a client are replaced; 0 (the default) for never, at most 36,500.</summary>
    public double? RotateAfterDays { get; set; }

    /// <summary>Hours for which replaced keys still fetch the new ones; 0 (the default) for not at all, at most 8,760.</summary>
    public double? KeepReplacedHours { get; set; }

    /// <summary>The rules of a domain.</summary>
    internal static TransportKeyPolicy ToPolicy(
        TransportKeyOptions own, TransportKeyOptions all, string section, ConfigurationFaults faults)
    {
        SignedRequests signed = own.SignedRequests ?? all.SignedRequests ?? default;
        KeyWrapProfile profile = own.WrapProfile ?? all.WrapProfile ?? default;
        if (!Enum.IsDefined(signed))
        {
            faults.Add($"{section}SignedRequests", "is no such rule", "write RequiredForEnrolled, Required or Off");
        }

        if (!Enum.IsDefined(profile))
        {
            faults.Add($"{section}WrapProfile", "is no such profile", "write KwStrip04, Kwp or KwpAsKw");
        }

        double days = KmsSettings.Within(
            own.RotateAfterDays ?? all.RotateAfterDays ?? 0, 0, 36_500, section + "RotateAfterDays", faults);
        double hours = KmsSettings.Within(
            own.KeepReplacedHours ?? all.KeepReplacedHours ?? 0, 0, 8_760, section + "KeepReplacedHours", faults);
        return new TransportKeyPolicy
        {
            SignedRequests = signed,
            RequireWrapping = own.RequireWrapping ?? all.RequireWrapping ?? false,
            WrapProfile = profile,
            RotateAfter = days > 0 ? TimeSpan.FromDays(days) : null,
            KeepReplaced = TimeSpan.FromHours(hours),
        };
    }
}

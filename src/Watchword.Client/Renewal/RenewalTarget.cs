using System.Globalization;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>
/// A key set that the profile should hold: of one identity, at one time, under the generation that counts then.
/// </summary>
internal sealed record RenewalTarget(string UserUri, StoredCertificate Certificate, KeyPeriod Period, DateTimeOffset At, bool HasBegun)
{
    /// <summary>A refusal ahead of the period says nothing of the period itself: begun and to come are two plans.</summary>
    public string PlanName => Name(HasBegun);

    /// <summary>The name of the plan before the period began.</summary>
    public string PlanNameAhead => Name(begun: false);

    private string Name(bool begun) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(begun ? "current" : "next")} {Convert.ToHexStringLower(Certificate.Fingerprint)} {Period.Number} {UserUri}");
}

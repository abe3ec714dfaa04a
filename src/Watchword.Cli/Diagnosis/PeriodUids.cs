using System.Globalization;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>A UID of a user in one key period.</summary>
/// <param name="Role"><c>initiator</c> or <c>receiver</c>.</param>
/// <param name="UserUri">The URI hashed.</param>
/// <param name="Domain">By which KMS certificate.</param>
/// <param name="Period">The number of the period.</param>
/// <param name="Distance">How many periods after that of T; negative before.</param>
/// <param name="Uid">The UID.</param>
internal sealed record PeriodUid(string Role, string UserUri, KmsCertificate Domain, long Period, long Distance, UserId Uid);

/// <summary>UIDs of the key period of T and its neighbours.</summary>
internal static class PeriodUids
{
    /// <summary>The UIDs, that of T's own period first.</summary>
    public static IEnumerable<PeriodUid> Of(string role, string uri, KmsCertificate domain, DateTimeOffset time)
    {
        long period = domain.PeriodAt(time).Number;
        foreach (long distance in (long[])[0, -1, 1])
        {
            if (period + distance >= 0 && domain.Schedule.TryFromNumber(period + distance, out _))
            {
                yield return new PeriodUid(
                    role, uri, domain, period + distance, distance, domain.UserIdFor(uri, period + distance));
            }
        }
    }

    /// <summary>Words for a period that is not T's own.</summary>
    public static string Explain(long period, long distance, DateTimeOffset time) => string.Create(
        CultureInfo.InvariantCulture,
        $"key period {period}, while T, {Printable.Time(time)}, lies in period {period - distance}");
}

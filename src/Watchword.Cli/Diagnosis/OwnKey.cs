using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>A key set of the reader's, which is unlocked only where it is tried.</summary>
/// <param name="UserUri">Whose it is.</param>
/// <param name="KmsUri">By which KMS.</param>
/// <param name="Period">Of which key period.</param>
/// <param name="PeriodAt">The number of the key period that holds a time; null where its KMS certificate is not there.</param>
/// <param name="Open">Gives the RSK, which the caller disposes; null if it does not belong to its UID and KMS
/// certificate.</param>
internal sealed record OwnKey(
    string UserUri, string KmsUri, long Period, Func<DateTimeOffset, long?> PeriodAt, Func<SakkeReceiverKey?> Open)
{
    /// <summary>A key set under a KMS certificate.</summary>
    public static OwnKey Of(KmsCertificate certificate, string userUri, long period, Func<SakkeReceiverKey?> open) =>
        new(userUri, certificate.KmsUri, period, time => certificate.PeriodAt(time).Number, open);
}

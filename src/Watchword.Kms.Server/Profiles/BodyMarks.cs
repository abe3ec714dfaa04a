using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Profiles;

/// <summary>What the body of a request tells about the client.</summary>
/// <param name="IsEmpty">There is none.</param>
/// <param name="HasOtherNamespace">Its root element is of another namespace than that of the text.</param>
/// <param name="NamesServerUrl">KmsUri is a public URL of the server.</param>
/// <param name="HasLocalTime">Time is local time without zone.</param>
/// <param name="ClientId">ClientId, as the client claims it.</param>
internal readonly record struct BodyMarks(
    bool IsEmpty, bool HasOtherNamespace = false, bool NamesServerUrl = false, bool HasLocalTime = false, string? ClientId = null)
{
    /// <summary>The marks of a body that was read. Of a signed one only what is read before its signature is verified.</summary>
    public static BodyMarks Of(ReceivedBody body, ServedDomain domain, DateTimeOffset now, TimeSpan skew) => new(
        body.IsEmpty,
        body.HasOtherNamespace,
        body.Request is { } named && !domain.IsNamedBy(named.KmsUri) && domain.Urls.IsServerUrl(named.KmsUri),
        body.Request is { TimeHadZone: false } timed && LocalTime.Explains(timed.Time, now, skew),
        body.Signed?.ClaimedClientId ?? body.Request?.ClientId);
}

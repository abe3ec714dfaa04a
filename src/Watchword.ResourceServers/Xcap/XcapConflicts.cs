using System.Globalization;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Xcap;

/// <summary>Error elements of XCAP and their numbers.</summary>
internal static class XcapConflicts
{
    public static ServicesError NumberOf(XcapErrorKind kind) => ServicesError.NotWellFormed + (int)kind;

    public static XcapErrorKind KindOf(ServicesError error) => (XcapErrorKind)(error - ServicesError.NotWellFormed);

    /// <summary>An error with its text for people.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="detail">Which part; never content of a document.</param>
    public static XcapError Of(XcapErrorKind kind, string? detail = null)
    {
        ServicesErrorText text = ServicesErrorText.Of(kind);
        string cause = detail is null ? text.Cause : $"{text.Cause}: {detail}";
        return new XcapError
        {
            Kind = kind,
            Phrase = string.Create(
                CultureInfo.InvariantCulture, $"{(int)NumberOf(kind)}: {cause} ({text.Clause}). {text.NextStep}."),
        };
    }
}

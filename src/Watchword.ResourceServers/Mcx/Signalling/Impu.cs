using System.Globalization;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Signalling;

/// <summary>A public user identity as it is compared: without parameters, the host in lower case (TS 23.003 13.4).</summary>
internal static class Impu
{
    /// <summary>The longest that is taken.</summary>
    private const int MaxLength = 1024;

    /// <summary>The identity of a URI; null if it is no sip, sips or tel URI, or too long.</summary>
    public static string? Of(SipUri? uri)
    {
        string? text = uri switch
        {
            { IsSip: true, User: { } user, Host: { } host } =>
                $"{uri.Scheme}:{user}@{host.ToLowerInvariant()}{Port(uri.Port)}",
            { IsTel: true, Rest: { } number } => $"tel:{number.Split(';')[0]}",
            _ => null,
        };
        return text?.Length <= MaxLength ? text : null;
    }

    /// <summary>The identity that the SIP core asserts: the sip URI where there are two (RFC 3325 §9.1).</summary>
    public static string? Asserted(SipRequest request)
    {
        IReadOnlyList<SipAddress> asserted = request.Headers.AssertedIdentity;
        return Of((asserted.FirstOrDefault(address => address.Uri.IsSip) ?? (asserted.Count > 0 ? asserted[0] : null))?.Uri);
    }

    private static string Port(int? port) => port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}")
        : string.Empty;
}

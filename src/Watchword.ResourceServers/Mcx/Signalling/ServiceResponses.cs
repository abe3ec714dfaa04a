using System.Globalization;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Signalling;

/// <summary>What an outcome is in SIP: status, Warning of TS 24.379 4.4, and what else the answer carries. The only place of
/// it.</summary>
internal sealed class ServiceResponses(string warnHost)
{
    /// <summary>The media type of a KMS redirect response (TS 33.180 5.2.8).</summary>
    public const string RedirectMediaType = "application/vnd.3gpp.kmsredirectresponse+xml";

    private const int WarningCode = 399;

    /// <summary>The status of an outcome.</summary>
    public static int StatusOf(ServiceOutcome outcome) => outcome switch
    {
        ServiceOutcome.Authorized or ServiceOutcome.SettingsTaken or ServiceOutcome.Refreshed or ServiceOutcome.Removed
            or ServiceOutcome.Registered or ServiceOutcome.Deregistered or ServiceOutcome.Subscribed => 200,
        ServiceOutcome.Malformed => 400,
        ServiceOutcome.NotAuthorized or ServiceOutcome.NotDecrypted or ServiceOutcome.NotIntact or ServiceOutcome.OtherUser =>
            403,
        ServiceOutcome.UnknownUser => 404,
        ServiceOutcome.ConditionFailed => 412,
        ServiceOutcome.TooManyClients => 486,
        ServiceOutcome.Redirected => 488,
        ServiceOutcome.Unavailable or ServiceOutcome.Overtaken => 500,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>The text of Warning, which begins with the code of TS 24.379 4.4; null for none.</summary>
    public static string? WarningOf(ServiceOutcome outcome) => outcome switch
    {
        ServiceOutcome.NotAuthorized => "101 service authorisation failed",
        ServiceOutcome.NotIntact => "139 integrity protection check failed",
        ServiceOutcome.NotDecrypted => "140 unable to decrypt XML content",
        ServiceOutcome.UnknownUser => "141 user unknown to the participating function",
        ServiceOutcome.TooManyClients => "164 maximum number of service authorizations reached",
        _ => null,
    };

    /// <summary>The response to a PUBLISH.</summary>
    public SipResponse Create(SipRequest request, ServiceAnswer answer)
    {
        SipResponse response = request.CreateResponse(StatusOf(answer.Outcome));
        if (answer.EntityTag is { } tag)
        {
            response.Headers.Add(SipHeaderNames.SipETag, tag);
            response.Headers.Add(
                SipHeaderNames.Expires, ((long)answer.Expires.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        }

        if (answer.HasOtherClients && answer.Service is { } names)
        {
            McInfo info = new(names) { MultipleDevices = McInfoValue.FromBoolean(true) };
            SipBody.Write(response, SipBodyPart.Create(names.InfoMediaType, info.Write()));
        }

        if (!answer.Redirect.IsEmpty)
        {
            SipBody.Write(response, SipBodyPart.Create(RedirectMediaType, answer.Redirect));
        }

        AddRefusal(response, answer);
        return response;
    }

    /// <summary>
    /// The response to a third-party REGISTER. Its result is the SIP core's: a refusal is no binding and 200 all the same; only
    /// what may be mended by trying again is said.
    /// </summary>
    public SipResponse Create(SipRequest request, IReadOnlyList<ServiceAnswer> answers)
    {
        ServiceAnswer? late = answers.FirstOrDefault(
            answer => answer.Outcome is ServiceOutcome.Unavailable or ServiceOutcome.Overtaken);
        SipResponse response = request.CreateResponse(late is null ? 200 : StatusOf(late.Outcome));
        if (late is null)
        {
            response.Headers.Add(SipHeaderNames.Expires, request.Headers[SipHeaderNames.Expires] ?? "0");
        }
        else
        {
            AddRefusal(response, late);
        }

        return response;
    }

    private void AddRefusal(SipResponse response, ServiceAnswer answer)
    {
        if (WarningOf(answer.Outcome) is { } text)
        {
            response.Headers.Add(SipHeaderNames.Warning, new SipWarning(WarningCode, warnHost, text).ToString());
        }

        if (answer.RetryAfter is { } wait)
        {
            response.Headers.Add(
                SipHeaderNames.RetryAfter, ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        }
    }
}

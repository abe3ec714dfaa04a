using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>What SIP servers refuse, as what the user reads.</summary>
internal static class UeRefusals
{
    /// <summary>The result, if the service is authorised or the settings are taken.</summary>
    /// <exception cref="CliException">They are not.</exception>
    public static ServiceAuthorizationResult Require(ServiceAuthorizationResult result, McService service, string clause)
    {
        if (result.Outcome == ServiceAuthorizationOutcome.Done)
        {
            return result;
        }

        (ExitCode code, string what, string next) = Explain(result.Outcome);
        string warning = result.WarningCode is { } number
            ? string.Create(CultureInfo.InvariantCulture, $", warning {number}")
            : string.Empty;
        throw new CliException(code, $"{UeContext.NamesOf(service).Name}: {what}")
        {
            Cause = string.Create(CultureInfo.InvariantCulture, $"status {result.StatusCode}{warning}"),
            Clause = clause,
            Hint = next,
        };
    }

    /// <summary>The response, if the core registered the UE.</summary>
    /// <exception cref="CliException">It did not.</exception>
    public static SipResponse RequireRegistered(SipResponse response, string clause) => response.IsSuccess
        ? response
        : throw Refused(response, "the SIP core refused the registration", clause, response.StatusCode is 401 or 407
            ? "this core wants the UE to authenticate (TS 33.203), which this command does not do: register by other means"
            : "check --impu; the core has to know it");

    /// <summary>The response, if the server took the subscription.</summary>
    /// <exception cref="CliException">It did not.</exception>
    public static SipResponse RequireSubscribed(SipResponse response, string clause) => response.IsSuccess
        ? response
        : throw Refused(response, "the subscription was refused", clause, response.StatusCode switch
        {
            403 => "the user may not read these documents, or the token does not open the server",
            404 => "check the URI of the server: --config-server, --group-server",
            _ => "try again; the server's log says more",
        });

    private static CliException Refused(SipResponse response, string what, string clause, string next) =>
        new(response.StatusCode >= 500 ? ExitCode.Unreachable : ExitCode.Refused, what)
        {
            Cause = string.Create(CultureInfo.InvariantCulture, $"status {response.StatusCode}"), Clause = clause, Hint = next,
        };

    private static (ExitCode Code, string What, string Next) Explain(ServiceAuthorizationOutcome outcome) => outcome switch
    {
        ServiceAuthorizationOutcome.Refused => (
            ExitCode.Refused, "the server does not authorise the user",
            "check that the server trusts the IdM server and takes its audience, and that --mdsi is the identity that it is keyed for"),
        ServiceAuthorizationOutcome.ProtectionRefused => (
            ExitCode.CheckFailed, "the server could not verify or decrypt what was protected",
            "check --mdsi; --clear sends without protection"),
        ServiceAuthorizationOutcome.UserUnknown => (
            ExitCode.Refused, "the server knows of no authorisation",
            "watchword ue up; without --register the server says why it refuses"),
        ServiceAuthorizationOutcome.TooManyClients => (
            ExitCode.Refused, "as many clients of this user are authorised as may be",
            "watchword ue down with another profile of this user"),
        ServiceAuthorizationOutcome.Superseded => (
            ExitCode.Refused, "another publication took the place of this one", "watchword ue up"),
        ServiceAuthorizationOutcome.OtherSecurityDomain => (
            ExitCode.CheckFailed, "the server is keyed by another KMS",
            "watchword kms lookup, then name the KMS of the server's domain"),
        ServiceAuthorizationOutcome.TryLater => (
            ExitCode.Unreachable, "the server can neither grant nor refuse now",
            "try again; its keys or those of the IdM server are missing"),
        _ => (ExitCode.Refused, "the server refused", "check the URI of the server in the initial configuration"),
    };
}

using Watchword.Client;
using Watchword.KeyManagement;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Cli;

/// <summary>The one place where an exception becomes what the user reads.</summary>
internal static class Failures
{
    /// <summary>Explains any exception; what is not known here is a fault of the program.</summary>
    public static CliException Explain(Exception exception) => exception switch
    {
        CliException known => known,
        WatchwordClientException fault => FromClient(fault),
        MikeyFormatException format => new CliException(ExitCode.Malformed, "this is no MIKEY-SAKKE I_MESSAGE", format)
        {
            Number = (int)format.Reason,
            Cause = $"{Words(format.Reason.ToString())} at octet {format.Offset}",
            Clause = "RFC 3830 §6, TS 33.180 E.1",
        },
        TransportKeyFileException document => new CliException(
            ExitCode.Malformed, ClientFaults.Describe(ClientFault.EnrolmentDocumentUnusable).Message, document)
        {
            Number = (int)ClientFault.EnrolmentDocumentUnusable,
            Cause = document.Line is { } line ? $"{Words(document.Fault.ToString())}, line {line}" : Words(document.Fault.ToString()),
            Clause = ClientFaults.Describe(ClientFault.EnrolmentDocumentUnusable).Clause,
            Hint = ClientFaults.Describe(ClientFault.EnrolmentDocumentUnusable).NextStep,
        },
        KeyManagementFormatException format => new CliException(ExitCode.Malformed, "an Annex D document cannot be read", format)
        {
            Cause = $"{Words(format.Fault.ToString())} at {format.ElementPath}",
            Clause = "TS 33.180 D.3",
        },
        SipSendException silent => new CliException(ExitCode.Unreachable, "the SIP core does not answer", silent)
        {
            Cause = Words(silent.Fault.ToString()),
            Clause = "RFC 3261 §8.1.3.1",
            Hint = "check --sip-proxy and --sip-transport, and that the core runs and reaches this UE",
        },
        SipFormatException form => new CliException(ExitCode.Malformed, "a SIP URI or answer is malformed", form)
        {
            Cause = Words(form.Fault.ToString()),
            Clause = "RFC 3261 §25",
            Hint = "check the URIs of servers in the initial configuration and among the options",
        },
        OperationCanceledException => new CliException(ExitCode.Cancelled, "interrupted", exception),
        IOException or UnauthorizedAccessException => new CliException(
            ExitCode.Locked, "a file of the profile cannot be read or written", exception)
        {
            Cause = exception is UnauthorizedAccessException ? "permission denied" : "the file system refused",
            Hint = "check the directory of the profile, its permissions and the free space",
        },
        _ => new CliException(ExitCode.Internal, $"unexpected fault ({exception.GetType().Name})", exception)
        {
            Cause = "this is a defect of the program",
            Hint = "report it with the command line and the version (watchword --version)",
        },
    };

    /// <summary>The exit code of a fault of the client library.</summary>
    public static ExitCode CodeOf(ClientFault fault) => fault switch
    {
        ClientFault.UrlNotHttps or ClientFault.CaFileUnusable or ClientFault.BrowserUnavailable or ClientFault.StoreExists
            or ClientFault.ProfileMismatch or ClientFault.UriMalformed or ClientFault.EnrolmentNotConfirmed => ExitCode.Usage,
        ClientFault.NotLoggedIn or ClientFault.RefreshRefused or ClientFault.LogInTimedOut
            or ClientFault.StoreNotFound => ExitCode.NotLoggedIn,
        ClientFault.AuthorizationRefused or ClientFault.CredentialsRefused or ClientFault.TokenRequestRefused
            or ClientFault.ScopeNotGranted or ClientFault.KmsRefused or ClientFault.KmsUnauthorized or ClientFault.KmsForbidden
            or ClientFault.IdentityNotOwned or ClientFault.SecurityTokenRefused
            or ClientFault.PartnerTokenRefused or ClientFault.ServiceUnauthorized or ClientFault.ServiceForbidden
            or ClientFault.ServiceRequestRefused or ClientFault.ServiceMediaTypeRefused or ClientFault.ServiceConflict
            or ClientFault.ServiceDocumentChanged
            or (>= ClientFault.XcapNotWellFormed and <= ClientFault.XcapNotUtf8) => ExitCode.Refused,
        ClientFault.TlsNotTrusted or ClientFault.ServerUnreachable or ClientFault.RedirectRefused or ClientFault.KmsFailed
            or ClientFault.KmsBusy or ClientFault.ServiceFailed or ClientFault.ServiceBusy => ExitCode.Unreachable,
        ClientFault.StoreInUse or ClientFault.StoreLocked or ClientFault.StoreCorrupt or ClientFault.StoreVersionUnknown
            or ClientFault.KeyFileUnusable or ClientFault.KeyFileExposed or ClientFault.StoreNotWritten
            or ClientFault.EntityCredentialUnusable or ClientFault.StoreRolledBack or ClientFault.ServiceKeysFull => ExitCode.Locked,
        ClientFault.NotInitialized or ClientFault.NoKeySetReceived or ClientFault.KeySetNotFound or ClientFault.NoUsableKeySet
            or ClientFault.DomainUnknown or ClientFault.PartnerUnknown or ClientFault.DomainNotFound
            or ClientFault.TransportKeyMissing or ClientFault.ServiceKeyNotFound or ClientFault.ServiceKeyEnded
            or ClientFault.ServiceDocumentNotFound => ExitCode.NotFound,
        ClientFault.IssuerMismatch or ClientFault.StateMismatch or ClientFault.IdTokenInvalid or ClientFault.ScopeTooWide
            or ClientFault.LogInLeftOrigin or ClientFault.KmsUriMismatch or ClientFault.IdentityMismatch
            or ClientFault.UserIdMismatch or ClientFault.KeySetInvalid or ClientFault.KmsCertificateUnusable
            or ClientFault.MessageNotForUs or ClientFault.MessageNotAuthentic or ClientFault.MessageReplayed or ClientFault.MessageNotFresh
            or ClientFault.PurposeMismatch or ClientFault.AnswerNotSigned or ClientFault.AnswerSignatureUnknown
            or ClientFault.AnswerSignatureInvalid or ClientFault.AnswerNotFresh or ClientFault.PlainKeyMaterial
            or ClientFault.KeyMaterialNotUnwrapped or ClientFault.NewTransportKeyRefused
            or ClientFault.TransportKeysOfAnother or ClientFault.InitiatorNotAllowed
            or ClientFault.ServiceKeyConflict => ExitCode.CheckFailed,
        ClientFault.AnswerTooLarge or ClientFault.MetadataUnusable or ClientFault.SigningKeysUnusable
            or ClientFault.AuthorizationResponseMalformed or ClientFault.LogInFormNotFound or ClientFault.TokenResponseMalformed
            or ClientFault.ServiceAnswerMalformed or ClientFault.KmsAnswerMalformed or ClientFault.KmsAnswerUnexpected
            or ClientFault.MessageMalformed or ClientFault.EnrolmentDocumentUnusable => ExitCode.Malformed,
        _ => ExitCode.Internal,
    };

    private static CliException FromClient(WatchwordClientException fault)
    {
        ClientFaultDescription description = ClientFaults.Describe(fault.Fault);
        return new CliException(CodeOf(fault.Fault), description.Message, fault)
        {
            Number = fault.Number,
            Cause = fault.Detail,
            Clause = description.Clause,
            Hint = description.NextStep,
            CorrelationId = fault.CorrelationId,
        };
    }

    // TrailingOctets -> trailing octets
    private static string Words(string name) =>
        string.Concat(
            name.Select(
                (c, index) => char.IsUpper(c) ? (index == 0 ? string.Empty : " ") + char.ToLowerInvariant(c) : c.ToString()));
}

using Watchword.Authorization;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Http;

/// <summary>The one place where an error of the KMS becomes an HTTP status and a KmsError of Annex D.</summary>
internal static class KmsErrorMapping
{
    /// <summary>The first three digits of the number are the status; <c>docs/errors/kms.md</c> lists them all.</summary>
    public static int StatusOf(KmsError error) => (int)error / 100;

    /// <summary>Cause, clause, next step and correlation id, for a person.</summary>
    public static KmsErrorBody BodyOf(KmsError error, string? detail, string correlationId)
    {
        KmsErrorText text = KmsErrorText.Of(error);
        string cause = detail is null ? text.Cause : $"{text.Cause}: {detail}";
        return new KmsErrorBody((int)error, $"{cause} ({text.Clause}). {text.NextStep}. [{correlationId}]");
    }

    /// <summary>What Authorization refused, in the KMS's own numbers.</summary>
    public static KmsError From(AuthorizationFailure failure) => failure switch
    {
        { Fault: AuthorizationFault.TokenMissing } => KmsError.NoToken,
        { Fault: AuthorizationFault.SubjectDisabled } => KmsError.RequesterDisabled,
        { Fault: AuthorizationFault.IssuerSilent } => KmsError.StandingUnknown,
        { Status: StatusCodes.Status400BadRequest } => KmsError.MalformedHttp,
        { Status: StatusCodes.Status403Forbidden } => KmsError.InsufficientScope,
        { Status: StatusCodes.Status503ServiceUnavailable } => KmsError.TokenKeysUnavailable,
        _ => KmsError.InvalidToken,
    };
}

using System.Globalization;
using Watchword.Authorization;
using Watchword.Kms.Server.Administration;

namespace Watchword.Kms.Server.Http;

/// <summary>Writes what Authorization refused as KmsError; status and WWW-Authenticate are its own, but for a requester who is
/// disabled: another token would not help him.</summary>
internal sealed class AuthorizationFailureAnswers(KmsAnswers answers, DeniedRequests denied) : IAuthorizationFailureWriter
{
    public async Task WriteAsync(HttpContext context, AuthorizationFailure failure)
    {
        KmsError error = KmsErrorMapping.From(failure);
        AccessTokenPrincipal? token = failure.RefusedPrincipal ?? context.GetAccessToken();
        await denied.RecordAsync(context, error, token?.Issuer, token?.Subject);
        string detail = string.Create(CultureInfo.InvariantCulture, $"{failure.Reason}, authorization fault {failure.Code}");
        await (AdminListener.Has(context)
            ? AdminProblems.WriteAsync(context, error, detail)
            : answers.WriteErrorAsync(context, error, detail));
    }
}

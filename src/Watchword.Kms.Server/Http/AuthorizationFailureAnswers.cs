using System.Globalization;
using Watchword.Authorization;

namespace Watchword.Kms.Server.Http;

/// <summary>Writes what Authorization refused as KmsError; status and WWW-Authenticate are its own.</summary>
internal sealed class AuthorizationFailureAnswers(KmsAnswers answers) : IAuthorizationFailureWriter
{
    public Task WriteAsync(HttpContext context, AuthorizationFailure failure) => answers.WriteErrorAsync(
        context,
        KmsErrorMapping.From(failure),
        string.Create(CultureInfo.InvariantCulture, $"{failure.Reason}, authorization fault {failure.Code}"));
}

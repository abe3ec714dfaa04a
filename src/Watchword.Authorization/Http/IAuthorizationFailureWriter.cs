using Microsoft.AspNetCore.Http;

namespace Watchword.Authorization;

/// <summary>A refusal, ready to be written. Nothing that is written comes from the token.</summary>
/// <param name="Fault">The fault; its number is stable.</param>
/// <param name="Status">The HTTP status, already set on the response.</param>
/// <param name="Reason">A fixed text for people.</param>
/// <param name="CorrelationId">The request's <see cref="HttpContext.TraceIdentifier"/>, also in the log.</param>
public sealed record AuthorizationFailure(AuthorizationFault Fault, int Status, string Reason, string CorrelationId)
{
    /// <summary>As <see cref="AccessTokenValidation.RefusedPrincipal"/>.</summary>
    public AccessTokenPrincipal? RefusedPrincipal { get; init; }

    /// <summary>The stable number of the fault, 4000 to 4999.</summary>
    public int Code => (int)Fault;
}

/// <summary>
/// Writes the body of a refusal in the format of the host (the KMS: <c>KmsError</c>). Status and the headers
/// <c>WWW-Authenticate</c>, <c>Retry-After</c> and <c>Cache-Control</c> are set before. The default writes problem JSON
/// (RFC 9457); a host registers its own before or after <c>AddWatchwordAuthorization</c>.
/// </summary>
public interface IAuthorizationFailureWriter
{
    /// <summary>Writes the body.</summary>
    Task WriteAsync(HttpContext context, AuthorizationFailure failure);
}

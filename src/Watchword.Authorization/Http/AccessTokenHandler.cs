using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Watchword.Identity;

namespace Watchword.Authorization.Http;

/// <summary>What a scheme has of its own.</summary>
internal sealed class AccessTokenSchemeOptions : AuthenticationSchemeOptions
{
    private AccessTokenValidator? _validator;

    /// <summary>The audience; null for that of the server.</summary>
    public string? Audience { get; set; }

    /// <summary>Validates tokens for the audience.</summary>
    public AccessTokenValidator ValidatorFrom(AccessTokenValidator ofServer) =>
        Audience is null ? ofServer : _validator ??= ofServer.ForAudience(Audience);
}

/// <summary>The authentication scheme: bearer credential in, principal or refusal out (TS 24.482 A.2.3, RFC 6750 §3).</summary>
internal sealed class AccessTokenHandler(
    IOptionsMonitor<AccessTokenSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    AccessTokenValidator validator,
    IAuthorizationFailureWriter writer,
    AuthorizationMetrics metrics)
    : AuthenticationHandler<AccessTokenSchemeOptions>(options, loggers, encoder)
{
    private readonly ILogger _log = loggers.CreateLogger(AccessTokenDefaults.MeterName);
    private AccessTokenValidation _validation;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        AuthorizationFault fault = BearerCredential.TryRead(Request.Headers, out string token);
        _validation = fault == AuthorizationFault.None
            ? await Options.ValidatorFrom(validator).ValidateAsync(token, Context.RequestAborted)
            : AccessTokenValidation.Refused(fault);
        return _validation switch
        {
            { Principal: { } principal } => AuthenticateResult.Success(
                new AuthenticationTicket(new ClaimsPrincipal(new AccessTokenIdentity(principal)), Scheme.Name)),
            { Fault: AuthorizationFault.TokenMissing } => AuthenticateResult.NoResult(),
            _ => AuthenticateResult.Fail(_validation.Fault.ToString()),
        };
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Runs the authentication if the pipeline has not; faults of our own making surface as exceptions here.
        await HandleAuthenticateOnceAsync();
        AuthorizationFault fault = _validation.Fault == AuthorizationFault.None ? AuthorizationFault.TokenMissing : _validation.Fault;
        if (_validation.RetryAfter is TimeSpan wait)
        {
            double seconds = Math.Max(1, Math.Ceiling(wait.TotalSeconds));
            Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await RefuseAsync(fault, scope: null);
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        AuthenticateResult result = await HandleAuthenticateOnceAsync();
        AccessTokenPrincipal? token = AccessTokenPrincipal.From(result.Principal);
        McResource? resource = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<AuthorizationPolicy>()
            .SelectMany(policy => policy.Requirements)
            .OfType<McScopeRequirement>()
            .FirstOrDefault(requirement => token?.CheckScope(requirement.Resource) != AuthorizationFault.None)?.Resource;
        AuthorizationFault fault = resource is McResource refused && token is not null
            ? token.CheckScope(refused)
            : AuthorizationFault.InsufficientScope;
        await RefuseAsync(fault, resource is McResource needed ? ScopesFor(token, needed) : null);
    }

    /// <summary>The scopes of which one would do: those of the services that the user has, or all.</summary>
    private static string ScopesFor(AccessTokenPrincipal? token, McResource resource)
    {
        McService[] held = [.. AnnexB.Services.Where(service => token?.GetMcServiceId(service) is not null)];
        return string.Join(' ', (held.Length > 0 ? held : AnnexB.Services).Select(service => McScopes.For(service, resource)));
    }

    private async Task RefuseAsync(AuthorizationFault fault, string? scope)
    {
        AuthorizationFailure failure = new(
            fault, AuthorizationFaults.StatusOf(fault), AuthorizationFaults.ReasonOf(fault), Context.TraceIdentifier)
        {
            RefusedPrincipal = _validation.RefusedPrincipal,
        };
        metrics.Refused(fault);
        _log.Refused(fault, failure.CorrelationId);
        Response.StatusCode = failure.Status;
        Response.Headers.CacheControl = "no-store";
        if (failure.Status != StatusCodes.Status503ServiceUnavailable)
        {
            Response.Headers.Append(HeaderNames.WWWAuthenticate, ChallengeOf(failure, scope));
        }

        await writer.WriteAsync(Context, failure);
    }

    /// <summary>RFC 6750 §3: no error code where the request had no credential at all.</summary>
    private static string ChallengeOf(AuthorizationFailure failure, string? scope)
    {
        string? error = AuthorizationFaults.ErrorCodeOf(failure.Fault);
        string challenge = error is null ? "Bearer" : $"Bearer error=\"{error}\", error_description=\"{failure.Reason}\"";
        return scope is null ? challenge : $"{challenge}, scope=\"{scope}\"";
    }
}

using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>The demands of TS 33.180 B.4.2.2 on an authentication request that OpenID Connect does not make.</summary>
internal sealed class RequireProfileParameters(IOptions<IdmOptions> options, GrantRules rules)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
            .UseScopedHandler<RequireProfileParameters>()
            .SetOrder(OpenIddictServerHandlers.Authentication.ValidateAuthorizedParty.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        OpenIddictRequest request = context.Request;
        if (string.IsNullOrEmpty(request.RedirectUri))
        {
            context.Reject(Errors.InvalidRequest, "redirect_uri is required (TS 33.180 B.4.2.2).");
        }
        else if (string.IsNullOrEmpty(request.State))
        {
            context.Reject(Errors.InvalidRequest, "state is required (TS 33.180 B.4.2.2).");
        }
        else if (!rules.Read(request.Scope, request.ClientId).Contains(McScopes.OpenId))
        {
            context.Reject(Errors.InvalidScope, "scope must contain openid (TS 33.180 B.4.2.2).");
        }
        else if (!McScopes.Split(request.AcrValues).Contains(McAuthenticationContexts.Password)
            && (options.Value.Compatibility.RequireAcrValues || !string.IsNullOrEmpty(request.AcrValues)))
        {
            context.Reject(Errors.InvalidRequest, $"acr_values must contain {McAuthenticationContexts.Password} (TS 33.180 B.4.2.2).");
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>A refresh may narrow the grant, not widen it; RFC 6749 §5.2 has a word for the attempt, and OpenIddict uses another.</summary>
internal sealed class RefuseWiderScope : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenRequestContext>()
            .UseSingletonHandler<RefuseWiderScope>()
            .SetOrder(OpenIddictServerHandlers.Exchange.ValidateGrantedScopes.Descriptor.Order - 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsRefreshTokenGrantType() && context.RefreshTokenPrincipal is { } granted
            && context.Request.GetScopes().Except(granted.GetScopes(), StringComparer.Ordinal).Any())
        {
            context.Reject(Errors.InvalidScope, "The scope is wider than what the user was granted.");
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Sends an error of the request to the redirect URI if that is the client's (RFC 6749 §4.1.2.1); OpenIddict would show every such
/// error itself. Where it is not, nothing is sent anywhere: the user sees a page with status 400.
/// </summary>
internal sealed class RedirectErrors(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyAuthorizationResponseContext>()
            .UseScopedHandler<RedirectErrors>()
            .SetOrder(OpenIddictServerHandlers.Authentication.InferResponseMode.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        context.Response.ErrorUri = null;
        if (context is { RedirectUri: null, Request: { ClientId: { Length: > 0 } clientId, RedirectUri: { Length: > 0 } redirectUri } }
            && await clients.FindByClientIdAsync(clientId, context.CancellationToken) is { } client
            && await clients.ValidateRedirectUriAsync(client, redirectUri, context.CancellationToken))
        {
            context.RedirectUri = redirectUri;
        }

        // The only response mode there is, also for the error of one who asked for another.
        context.ResponseMode = ResponseModes.Query;
    }
}

/// <summary>Leaves out links to OpenIddict's explanations of errors: they explain its code, not this profile.</summary>
internal sealed class LeaveOutErrorPages<TContext> : IOpenIddictServerHandler<TContext>
    where TContext : BaseRequestContext
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<TContext>()
            .UseSingletonHandler<LeaveOutErrorPages<TContext>>()
            .SetOrder(int.MinValue + 60_000)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.Response is { } response)
        {
            response.ErrorUri = null;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Puts the issuer into the response as it was configured: OpenIddict would add a slash (RFC 9207 §2 compares strings).</summary>
internal sealed class AttachIssuer(IdmIssuer issuer) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyAuthorizationResponseContext>()
            .UseSingletonHandler<AttachIssuer>()
            .SetOrder(OpenIddictServerHandlers.Authentication.AttachIssuer.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (!string.IsNullOrEmpty(context.Response.Iss))
        {
            context.Response.Iss = issuer.Value;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Completes the discovery document: issuer as configured, what the profile adds.</summary>
internal sealed class DescribeProfile(IdmIssuer issuer) : IOpenIddictServerHandler<ApplyConfigurationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyConfigurationResponseContext>()
            .UseSingletonHandler<DescribeProfile>()
            .SetOrder(int.MinValue + 50_000)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context)
    {
        if (string.IsNullOrEmpty(context.Response.Error))
        {
            context.Response[Metadata.Issuer] = issuer.Value;
            context.Response["acr_values_supported"] = new OpenIddictParameter([McAuthenticationContexts.Password]);
            context.Response["token_endpoint_auth_signing_alg_values_supported"] =
                new OpenIddictParameter([.. EntityAssertions.Algorithms]);
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Gives a refresh token with the code grant also where <c>offline_access</c> was left out, as deployed MC clients do.</summary>
internal sealed class IssueRefreshTokens(IOptions<IdmOptions> options) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseSingletonHandler<IssueRefreshTokens>()
            .SetOrder(OpenIddictServerHandlers.EvaluateGeneratedTokens.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (options.Value.Compatibility.RefreshTokenWithoutOfflineAccess
            && context.EndpointType == OpenIddictServerEndpointType.Token
            && (context.Request.IsAuthorizationCodeGrantType() || context.Request.IsRefreshTokenGrantType()))
        {
            context.GenerateRefreshToken = context.IncludeRefreshToken = true;
        }

        return ValueTask.CompletedTask;
    }
}

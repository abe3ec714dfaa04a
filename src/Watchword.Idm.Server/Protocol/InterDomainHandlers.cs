using OpenIddict.Abstractions;
using OpenIddict.Server;
using Watchword.Identity;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// Reads a token exchange as TS 33.180 B.7.2 writes it: what it calls a JWT is an access token of this server, and a JWT is all that
/// there is to have. Everything else, and a <c>resource</c> with another grant, is refused before anything is looked at.
/// </summary>
internal sealed class ReadTokenExchange : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenRequestContext>()
            .UseSingletonHandler<ReadTokenExchange>()
            .SetOrder(int.MinValue + 50_000)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        OpenIddictRequest request = context.Request;
        if (string.IsNullOrEmpty(request.ClientId) && request.GrantType is InterDomainNames.TokenExchangeGrant or InterDomainNames.SecurityTokenGrant)
        {
            context.Reject(Errors.InvalidClient, "client_id is required.");
        }
        else if (!request.IsTokenExchangeGrantType())
        {
            if (request.GetResources().Length > 0)
            {
                context.Reject(Errors.InvalidTarget, "resource belongs to a token exchange (TS 33.180 B.7.2).");
            }
        }
        else if (request.SubjectTokenType is not (InterDomainNames.JwtTokenType or InterDomainNames.AccessTokenType))
        {
            context.Reject(Errors.InvalidRequest, $"subject_token_type is {InterDomainNames.JwtTokenType} (TS 33.180 B.7.2).");
        }
        else if (request.RequestedTokenType is not (null or "" or InterDomainNames.JwtTokenType))
        {
            context.Reject(Errors.InvalidRequest, $"requested_token_type is {InterDomainNames.JwtTokenType} (TS 33.180 B.7.3).");
        }
        else
        {
            request.SubjectTokenType = TokenTypeIdentifiers.AccessToken;
            request.RequestedTokenType = null;
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>One error for every subject token that does not hold (RFC 8693 §2.2.2), where OpenIddict has several.</summary>
internal sealed class NormalizeExchangeErrors : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyTokenResponseContext>()
            .UseSingletonHandler<NormalizeExchangeErrors>()
            .SetOrder(int.MinValue + 62_000)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Response.Error is Errors.InvalidToken or Errors.InvalidGrant && context.Request?.IsTokenExchangeGrantType() == true)
        {
            context.Response.Error = Errors.InvalidRequest;
            context.Response.ErrorDescription = "The subject token is not accepted.";
        }

        return ValueTask.CompletedTask;
    }
}

using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Administration;

/// <summary>
/// Guards everything under <c>/admin</c> but the bootstrap, whether there is an endpoint or not: an access token of this very
/// issuer, for this very issuer, with the scope of administration, of an account that is an enabled administrator now.
/// </summary>
internal sealed class AdministratorGuard(
    SigningKeyRing ring, IdmIssuer issuer, TimeProvider time, AccountDirectory accounts, ActingAdministrator acting)
{
    private const string Scheme = "Bearer ";
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    public static void Use(IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/admin") && !context.Request.Path.Equals(AdministrationPaths.Bootstrap),
        branch => branch.Use(async (context, next) =>
        {
            IdmFault? fault = await context.RequestServices.GetRequiredService<AdministratorGuard>().CheckAsync(context);
            if (fault is null)
            {
                await next(context);
                return;
            }

            context.Response.Headers.WWWAuthenticate = fault switch
            {
                { Code: var code } when code == IdmFault.TokenMissing.Code => "Bearer",
                { Status: 401 } => "Bearer error=\"invalid_token\"",
                _ => $"Bearer error=\"insufficient_scope\", scope=\"{McScopes.IdmAdministration}\"",
            };
            Log.AdministrationRefused(
                context.RequestServices.GetRequiredService<ILogger<AdministratorGuard>>(), fault.Code);
            await Problems.WriteAsync(context, fault);
        }));

    private async Task<IdmFault?> CheckAsync(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return IdmFault.TokenMissing;
        }

        TokenValidationResult result = await new JsonWebTokenHandler { MapInboundClaims = false }
            .ValidateTokenAsync(header[Scheme.Length..].Trim(), Parameters());
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return IdmFault.TokenInvalid;
        }

        if (!token.TryGetPayloadValue(McClaims.Scope, out string? scope)
            || !McScopes.Split(scope).Contains(McScopes.IdmAdministration))
        {
            return IdmFault.ScopeMissing;
        }

        Account? account = await accounts.FindBySubjectAsync(token.Subject, context.RequestAborted);
        if (account is not { IsEnabled: true, IsAdministrator: true })
        {
            return IdmFault.NotAdministrator;
        }

        acting.Subject = account.Subject;
        return null;
    }

    private TokenValidationParameters Parameters() => new()
    {
        ValidIssuer = issuer.Value,
        ValidAudience = issuer.Value,
        ValidTypes = ["at+jwt"],
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256],
        IssuerSigningKeys = ring.VerificationKeys,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            DateTime now = time.GetUtcNow().UtcDateTime;
            return expires is { } end && now < end + Leeway && (notBefore is not { } start || start <= now + Leeway);
        },
    };
}

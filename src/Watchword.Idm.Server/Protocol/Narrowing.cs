using System.Collections.Immutable;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>What the access token of this answer holds.</summary>
internal sealed record Narrowing(ImmutableArray<string> Scopes, ImmutableArray<string> Audiences)
{
    /// <summary>When the token counts as issued, where that was decided before it is made.</summary>
    public DateTimeOffset? IssuedAt { get; init; }
}

/// <summary>
/// Gives the access token its scopes and, by them, its audiences. OpenIddict narrows the scopes of a refreshed token but leaves
/// its audiences: a token for one service would still be accepted by the others.
/// </summary>
internal sealed class NarrowAccessToken : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseSingletonHandler<NarrowAccessToken>()
            .SetOrder(OpenIddictServerHandlers.PrepareAccessTokenPrincipal.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.AccessTokenPrincipal is { } principal && context.Transaction.GetNarrowing() is { } narrowing)
        {
            principal.SetScopes(narrowing.Scopes);
            principal.SetAudiences(narrowing.Audiences);
            if (narrowing.IssuedAt is { } issuedAt)
            {
                principal.SetCreationDate(issuedAt);
            }
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Says in every token response which scopes the token holds, also where they are those that were asked for.</summary>
internal sealed class ReportGrantedScope : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
            .UseSingletonHandler<ReportGrantedScope>()
            .SetOrder(OpenIddictServerHandlers.AttachSignInParameters.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context is { IncludeAccessToken: true, AccessTokenPrincipal: { } principal })
        {
            context.Response.Scope = string.Join(' ', principal.GetScopes());
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Carries the narrowing from the endpoint to the handlers of the same answer.</summary>
internal static class NarrowingExtensions
{
    private static readonly string Key = typeof(Narrowing).FullName!;

    public static OpenIddictServerTransaction GetOpenIddictServerTransaction(this HttpContext context) =>
        context.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction
        ?? throw new InvalidOperationException("This is not a request of an OpenID Connect endpoint.");

    public static void SetNarrowing(this OpenIddictServerTransaction transaction, Narrowing narrowing) =>
        transaction.SetProperty(Key, narrowing);

    public static Narrowing? GetNarrowing(this OpenIddictServerTransaction transaction) => transaction.GetProperty<Narrowing>(Key);
}

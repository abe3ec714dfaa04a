using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// Introspection (RFC 7662) says of a token what the security events say: not active if its subject is disabled or removed, or if
/// tokens of its time have ended. OpenIddict itself knows those that were revoked.
/// </summary>
internal sealed class RefuseEndedTokens(IdmDbContext database) : IOpenIddictServerHandler<ValidateIntrospectionRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateIntrospectionRequestContext>()
            .UseScopedHandler<RefuseEndedTokens>()
            .SetOrder(OpenIddictServerHandlers.Introspection.ValidateAuthorizedParty.Descriptor.Order + 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ValidateIntrospectionRequestContext context)
    {
        if (context.GenericTokenPrincipal is not { } principal || principal.GetClaim(Claims.Subject) is not { } subject)
        {
            return;
        }

        SubjectRecord? record = await database.Subjects.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Subject == subject, context.CancellationToken);
        if (record is not null && (record.State != SubjectState.Enabled || record.HasEnded(principal.GetCreationDate())))
        {
            context.Reject(Errors.InvalidToken, "The token is not active.");
        }
    }
}

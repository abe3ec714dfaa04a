using Watchword.Authorization;
using Watchword.Identity;

namespace Watchword.Kms.Server.Administration;

/// <summary>Which roles may call an endpoint: scopes of <see cref="KmsRoleScopes"/>.</summary>
internal sealed record AdminRoles(params IReadOnlyList<string> Scopes);

/// <summary>Who calls, in the role that he came in.</summary>
internal sealed record AdminCaller(Authority Authority)
{
    /// <summary>The caller of a request that passed the guard.</summary>
    public static AdminCaller Of(HttpContext context) =>
        context.Features.Get<AdminCaller>() ?? throw new InvalidOperationException("The request has not passed the guard.");
}

/// <summary>
/// Judges the roles of an authenticated caller before anything of the request is read: an accepted issuer, one role only, a role that
/// may do this, and no other role of his in this domain's past.
/// </summary>
internal sealed class AdminGuard(RequestDelegate next, AdminSettings settings, RoleHistory history)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AdminRoles>() is { } roles)
        {
            context.Features.Set(await JudgeAsync(context, roles));
        }

        await next(context);
    }

    private async Task<AdminCaller> JudgeAsync(HttpContext context, AdminRoles roles)
    {
        AccessTokenPrincipal token = context.GetAccessToken() ?? throw new KmsException(KmsError.NoToken);
        if (!settings.Issuers.Contains(token.Issuer))
        {
            throw new KmsException(KmsError.AdminIssuerNotAccepted);
        }

        string[] held = [.. KmsRoleScopes.All.Where(token.Scopes.Contains)];
        if (held.Length > 1 && !settings.AllowCombinedRoles)
        {
            throw new KmsException(KmsError.SeveralRoles);
        }

        string scope = roles.Scopes.FirstOrDefault(held.Contains) ?? throw new KmsException(KmsError.RoleMissing);
        Authority authority = new(token.Issuer, token.Subject, NameOf(scope));
        if (!settings.AllowCombinedRoles)
        {
            await history.RequireNoOtherRoleAsync(authority, KmsUriOf(context), context.RequestAborted);
        }

        return new AdminCaller(authority);
    }

    /// <summary>The domain that the path names; null for the whole installation.</summary>
    public static string? KmsUriOf(HttpContext context) =>
        (context.GetRouteValue("kmsUri") as string)?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The role as the audit log has it.</summary>
    public static string NameOf(string scope) => KmsRoleScopes.RoleOf(scope).Replace('-', ' ');
}

/// <summary>
/// Who acted in which role, from the audit log, which all nodes share. So nobody controls himself: who was crypto officer of a domain
/// is not its auditor, even when the IdM server gave him another role since.
/// </summary>
internal sealed class RoleHistory(Hosting.KmsState state) : IDisposable
{
    private static readonly string[] Roles = [.. KmsRoleScopes.All.Select(AdminGuard.NameOf)];

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly HashSet<RoleAct> _acts = [];
    private long _readUpTo;

    /// <exception cref="KmsException"><see cref="KmsError.RoleConflict"/>.</exception>
    public async Task RequireNoOtherRoleAsync(Authority authority, string? kmsUri, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            // The head before the acts: what comes in between is read again.
            long head = (await state.Store.GetAuditHeadAsync(cancellationToken)).Sequence;
            if (head != _readUpTo)
            {
                _acts.UnionWith(await state.Store.FindRoleActsAsync(_readUpTo, cancellationToken));
                _readUpTo = head;
            }

            // What concerns the whole installation concerns each domain.
            if (_acts.Any(act => act.Issuer == authority.Issuer && act.Subject == authority.Subject && act.Role != authority.Role
                && Roles.Contains(act.Role, StringComparer.Ordinal)
                && (kmsUri is null || act.KmsUri.Length == 0 || act.KmsUri == kmsUri)))
            {
                throw new KmsException(KmsError.RoleConflict);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Protocol;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>What a foreign user is given, or why nothing.</summary>
internal sealed record ForeignGrant(
    string Subject, IReadOnlyDictionary<McService, string> Identities, Narrowing? Narrowing, TimeSpan Lifetime, SecurityTokenRefusal? Refusal);

/// <summary>
/// The partner's side (TS 33.180 B.7.4, B.7.5): a security token of a primary IdM server becomes an access token of this one, once.
/// </summary>
internal sealed class SecurityTokenGrant(
    SecurityTokenValidator validator, IdmDbContext database, GrantRules rules, IOptions<IdmOptions> options, InterDomainMetrics metrics,
    TimeProvider time, ILogger<SecurityTokenGrant> logger)
{
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <summary>Redeems the assertion of a request for a client with <paramref name="clientScopes"/>.</summary>
    public async Task<ForeignGrant> RunAsync(OpenIddictRequest request, ImmutableHashSet<string> clientScopes, CancellationToken cancellation)
    {
        Assertion assertion = await validator.ValidateAsync(request.Assertion, request.ClientId!, cancellation);
        ForeignGrant grant = assertion.Refusal is { } invalid
            ? Refused(invalid)
            : await DecideAsync(request, assertion, clientScopes, cancellation);
        metrics.Redeemed(grant.Refusal);
        if (grant.Refusal is { } refusal)
        {
            // An issuer that is not configured is a stranger's text.
            Log.SecurityTokenRefused(logger, assertion.Primary?.Options.Issuer ?? "unknown", request.ClientId!, refusal);
        }

        return grant;
    }

    /// <summary>
    /// The <c>sub</c> of a foreign user: two primaries may use the same, and neither may take that of an own account, which is 32
    /// hexadecimal digits.
    /// </summary>
    internal static string SubjectOf(string issuer, string subject) =>
        "foreign-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\0{subject}")));

    private async Task<ForeignGrant> DecideAsync(
        OpenIddictRequest request, Assertion assertion, ImmutableHashSet<string> clientScopes, CancellationToken cancellation)
    {
        PrimaryServerOptions primary = assertion.Primary!.Options;
        ImmutableHashSet<string> requested = request.GetScopes().ToImmutableHashSet(StringComparer.Ordinal);
        ImmutableArray<string> scopes =
        [
            .. McScopes.All.Where(scope => (requested.IsEmpty || requested.Contains(scope))
                && clientScopes.Contains(scope) && primary.Scopes.Contains(scope, StringComparer.Ordinal)
                && McScopes.TryParse(scope, out McService service, out _) && assertion.Identities.ContainsKey(service)),
        ];
        if (scopes.IsEmpty)
        {
            return Refused(SecurityTokenRefusal.Scope);
        }

        string subject = SubjectOf(primary.Issuer, assertion.Subject);
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        // In the transaction, under the lock of the writer: a block that comes later ends what is issued now.
        DateTimeOffset now = time.GetUtcNow();
        if (await FindRefusalAsync(assertion, primary.Issuer, subject, cancellation) is { } refusal)
        {
            return Refused(refusal);
        }

        await RecordAsync(assertion, primary.Issuer, subject, now, cancellation);
        await transaction.CommitAsync(cancellation);
        Narrowing narrowing = new(scopes, rules.AudiencesOf(scopes)) { IssuedAt = now };
        TimeSpan lifetime = primary.AccessTokenLifetime < options.Value.AccessTokenLifetime
            ? primary.AccessTokenLifetime
            : options.Value.AccessTokenLifetime;
        Log.TokenIssued(logger, subject, request.ClientId!, scopes.Length, narrowing.Audiences.Length);
        return new ForeignGrant(subject, assertion.Identities, narrowing, lifetime, Refusal: null);
    }

    private async Task<SecurityTokenRefusal?> FindRefusalAsync(
        Assertion assertion, string issuer, string subject, CancellationToken cancellation)
    {
        // One statement: of two requests with the same token, the key of the table lets one through.
        long until = (assertion.ExpiresAt + Leeway).ToUnixTimeMilliseconds();
        int taken = await database.Database.ExecuteSqlAsync(
            $"INSERT OR IGNORE INTO RedeemedSecurityTokens (Issuer, Name, ExpiresAt) VALUES ({issuer}, {assertion.Name}, {until})", cancellation);
        if (taken != 1)
        {
            return SecurityTokenRefusal.Replayed;
        }

        if (await database.BlockedPrimaries.AnyAsync(row => row.Issuer == issuer, cancellation))
        {
            return SecurityTokenRefusal.PrimaryBlocked;
        }

        return await database.Subjects.AnyAsync(row => row.Subject == subject && row.State != SubjectState.Enabled, cancellation)
            ? SecurityTokenRefusal.SubjectBlocked
            : null;
    }

    private async Task RecordAsync(
        Assertion assertion, string issuer, string subject, DateTimeOffset now, CancellationToken cancellation)
    {
        ForeignSubject? known = await database.ForeignSubjects.SingleOrDefaultAsync(row => row.Subject == subject, cancellation);
        if (known is null)
        {
            known = new ForeignSubject
            {
                Subject = subject, Issuer = issuer, IssuerSubject = assertion.Subject, FirstGrantAt = now, LastGrantAt = now,
            };
            database.ForeignSubjects.Add(known);
        }

        known.LastGrantAt = now;
        known.McpttId = assertion.Identities.GetValueOrDefault(McService.Mcptt);
        known.McVideoId = assertion.Identities.GetValueOrDefault(McService.McVideo);
        known.McDataId = assertion.Identities.GetValueOrDefault(McService.McData);
        await database.SaveChangesAsync(cancellation);
    }

    private static ForeignGrant Refused(SecurityTokenRefusal refusal) =>
        new(string.Empty, new Dictionary<McService, string>(), Narrowing: null, default, refusal);
}

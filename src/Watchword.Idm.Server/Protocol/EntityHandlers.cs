using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using OpenIddict.Server;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// How the assertion of a network entity is checked (RFC 7523): algorithm from a list, 30 s of leeway, <c>aud</c> the issuer or the
/// token endpoint. OpenIddict takes the new <c>typ</c> of RFC 7523bis only; what clients send today has <c>JWT</c> or none.
/// </summary>
internal sealed class EntityAssertions(IdmIssuer issuer) : IOpenIddictServerHandler<ValidateTokenContext>
{
    internal static readonly string[] Algorithms =
        [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256];

    internal static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    private const string CurrentType = "client-authentication+jwt";

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
            .UseSingletonHandler<EntityAssertions>()
            .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 501)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public static bool IsClientAssertion(ValidateTokenContext context) =>
        context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion);

    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (IsClientAssertion(context))
        {
            TokenValidationParameters parameters = context.TokenValidationParameters;
            parameters.TypeValidator = (type, _, _) => type is null or "" or "JWT" or CurrentType or "application/" + CurrentType
                ? CurrentType
                : throw new SecurityTokenInvalidTypeException("The type is not that of a client assertion.") { InvalidType = type };
            parameters.ValidAlgorithms = Algorithms;
            parameters.ClockSkew = Leeway;
            context.ValidAudiences.Add(issuer.Value);
            context.ValidAudiences.Add(issuer.Value.TrimEnd('/') + TokenEndpoint.Path);
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>An assertion lives for minutes, names itself by <c>jti</c>, and is taken once.</summary>
internal sealed class RefuseReplayedAssertions(IdmDbContext database, TimeProvider time, ILogger<RefuseReplayedAssertions> logger)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    private const int MaxJtiLength = 255;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientAssertionPrincipal>()
            .UseScopedHandler<RefuseReplayedAssertions>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientCertificate.Descriptor.Order + 400)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        string clientId = context.ClientId!;
        string? jti = context.ClientAssertionPrincipal!.GetClaim(Claims.JwtId);
        DateTimeOffset expiry = context.ClientAssertionPrincipal!.GetExpirationDate()!.Value;
        EntityRefusal? refusal = null;
        if (jti is not { Length: > 0 and <= MaxJtiLength })
        {
            refusal = EntityRefusal.AssertionWithoutJti;
        }
        else if (expiry > time.GetUtcNow() + LongestLife)
        {
            refusal = EntityRefusal.AssertionTooLong;
        }
        else if (!await TakeOnceAsync(clientId, jti, expiry + EntityAssertions.Leeway, context.CancellationToken))
        {
            refusal = EntityRefusal.AssertionReplayed;
        }

        if (refusal is { } reason)
        {
            Log.EntityRefused(logger, clientId, reason);
            context.Reject(Errors.InvalidClient, "The client assertion needs a jti, lives at most ten minutes, and is taken once.");
        }
    }

    private async Task<bool> TakeOnceAsync(string clientId, string jti, DateTimeOffset expiresAt, CancellationToken cancellation)
    {
        // One statement: of two requests with the same assertion, the key of the table lets one through.
        long until = expiresAt.ToUnixTimeMilliseconds();
        int taken = await database.Database.ExecuteSqlAsync(
            $"INSERT OR IGNORE INTO UsedAssertions (ClientId, Jti, ExpiresAt) VALUES ({clientId}, {jti}, {until})", cancellation);
        return taken == 1;
    }
}

/// <summary>
/// Mutual TLS (RFC 8705 §2): the certificate of the connection must be the one that is registered, by SHA-256, and in force. Chain
/// and names do not matter, which is why TLS itself lets every client certificate through. Takes the place of OpenIddict's handler.
/// </summary>
internal sealed class MatchClientCertificate(
    IOpenIddictApplicationManager clients, TimeProvider time, ILogger<MatchClientCertificate> logger)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    private readonly ClientManager clients = (ClientManager)clients;

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientIdParameter>()
            .UseScopedHandler<MatchClientCertificate>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientCertificate.Descriptor.Order)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        // A valid assertion is enough; and a public client may have a certificate for purposes of its own.
        if (context.Transaction.RemoteCertificate is not { } certificate || context.ClientAssertionPrincipal is not null
            || await clients.FindByClientIdAsync(context.ClientId!, context.CancellationToken)
                is not OpenIddictEntityFrameworkCoreApplication client
            || await clients.HasClientTypeAsync(client, ClientTypes.Public, context.CancellationToken))
        {
            return;
        }

        EntityRefusal? refusal = null;
        if (!await clients.HasCertificateAsync(client, certificate, context.CancellationToken))
        {
            refusal = EntityRefusal.WrongCertificate;
        }
        else if (!InForce(certificate))
        {
            refusal = EntityRefusal.CertificateNotInForce;
        }

        if (refusal is { } reason)
        {
            Log.EntityRefused(logger, context.ClientId!, reason);
            context.Reject(Errors.InvalidClient, "The client certificate is not the registered one, or not in force.");
        }
    }

    private bool InForce(X509Certificate2 certificate)
    {
        DateTimeOffset now = time.GetUtcNow();
        return new DateTimeOffset(certificate.NotBefore.ToUniversalTime()) <= now
            && now <= new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
    }
}

/// <summary>No client has a shared secret: a secret is refused whatever it is.</summary>
internal sealed class RefuseClientSecrets : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .AddFilter<OpenIddictServerHandlerFilters.RequireClientSecretParameter>()
            .UseSingletonHandler<RefuseClientSecrets>()
            .SetOrder(OpenIddictServerHandlers.ValidateClientSecret.Descriptor.Order - 500)
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        context.Reject(Errors.InvalidClient, "Clients authenticate by private_key_jwt or mutual TLS, not by a secret.");
        return ValueTask.CompletedTask;
    }
}

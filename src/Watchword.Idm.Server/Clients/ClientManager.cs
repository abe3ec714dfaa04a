using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.EntityFrameworkCore.Models;

namespace Watchword.Idm.Server.Clients;

/// <summary>OpenIddict's manager of clients, with our rule for redirect URIs and our properties of a client.</summary>
internal sealed class ClientManager(
    IOpenIddictApplicationCache<OpenIddictEntityFrameworkCoreApplication> cache,
    ILogger<OpenIddictApplicationManager<OpenIddictEntityFrameworkCoreApplication>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictApplicationStore<OpenIddictEntityFrameworkCoreApplication> store)
    : OpenIddictApplicationManager<OpenIddictEntityFrameworkCoreApplication>(cache, logger, options, store)
{
    /// <summary>Property: the URI of an entity.</summary>
    public const string EntityUriProperty = "watchword:entity_uri";

    /// <summary>Property: SHA-256 of an entity's certificate, in upper-case hexadecimal digits.</summary>
    public const string ThumbprintProperty = "watchword:certificate";

    /// <summary>Property: the algorithm that signs tokens for the client.</summary>
    public const string AlgorithmProperty = "watchword:alg";

    /// <summary>Property: marks a resource server.</summary>
    public const string ResourceServerProperty = "watchword:resource_server";

    /// <inheritdoc/>
    public override async ValueTask<bool> ValidateRedirectUriAsync(
        OpenIddictEntityFrameworkCoreApplication application, string uri, CancellationToken cancellationToken = default)
    {
        ImmutableArray<string> registered = await GetRedirectUrisAsync(application, cancellationToken);
        return registered.Any(candidate => RedirectUris.Matches(candidate, uri));
    }

    /// <summary>A property of ours, or null.</summary>
    public async ValueTask<string?> GetPropertyAsync(
        OpenIddictEntityFrameworkCoreApplication application, string name, CancellationToken cancellation) =>
        (await GetPropertiesAsync(application, cancellation)).TryGetValue(name, out JsonElement value) ? value.GetString() : null;

    /// <summary>The scopes that the client may be given.</summary>
    public async ValueTask<ImmutableHashSet<string>> GetScopesAsync(
        OpenIddictEntityFrameworkCoreApplication application, CancellationToken cancellation) =>
        (await GetPermissionsAsync(application, cancellation))
            .Where(permission => permission.StartsWith(OpenIddictConstants.Permissions.Prefixes.Scope, StringComparison.Ordinal))
            .Select(permission => permission[OpenIddictConstants.Permissions.Prefixes.Scope.Length..])
            .ToImmutableHashSet(StringComparer.Ordinal);

    /// <summary>True if the certificate is the registered one; the comparison takes the same time wherever it fails.</summary>
    public async ValueTask<bool> HasCertificateAsync(
        OpenIddictEntityFrameworkCoreApplication application, X509Certificate2 certificate, CancellationToken cancellation)
    {
        string? registered = await GetPropertyAsync(application, ThumbprintProperty, cancellation);
        return registered is not null && CryptographicOperations.FixedTimeEquals(
            Convert.FromHexString(registered), SHA256.HashData(certificate.RawDataMemory.Span));
    }
}

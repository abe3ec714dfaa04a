using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Identity;
using Watchword.Idm.Server.InterDomain;
using Watchword.Idm.Server.Keys;

namespace Watchword.Idm.Server.Configuration;

/// <summary>The part of the configuration check that concerns partner and primary IdM servers.</summary>
internal static class InterDomainFaults
{
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MostLifetime = TimeSpan.FromHours(1);

    public static IEnumerable<string> Of(IdmOptions options) =>
    [
        .. options.PartnerServers.SelectMany((partner, i) => OfPartner($"Idm:PartnerServers:{i}", partner, options)),
        .. options.PrimaryServers.SelectMany((primary, i) => OfPrimary($"Idm:PrimaryServers:{i}", primary, options)),
        .. Repeated(options.PartnerServers.Select(partner => partner.Resource), "Idm:PartnerServers"),
        .. Repeated(options.PrimaryServers.Select(primary => primary.Issuer), "Idm:PrimaryServers"),
        .. SharedDomains(options),
        .. options.SecurityTokenAudiences.Where(audience => !IsHttps(audience)).Select(
            audience => $"Idm:SecurityTokenAudiences: '{audience}' is not an https address."),
    ];

    private static IEnumerable<string> OfPartner(string path, PartnerServerOptions partner, IdmOptions options)
    {
        if (!IsHttps(partner.Resource))
        {
            yield return $"{path}:Resource must be an https URL without user or fragment.";
        }
        else if (IsSameServer(partner.Resource, options.Issuer))
        {
            yield return $"{path}:Resource is this server itself.";
        }

        foreach (string service in partner.Services.Where(service => !ServiceNames.TryParse(service, out _)))
        {
            yield return $"{path}:Services: '{service}' is not one of {string.Join(", ", ServiceNames.All)}.";
        }

        if (partner.Services.Count == 0)
        {
            yield return $"{path}:Services is empty: no user could be asserted to this partner.";
        }

        if (partner.SigningAlgorithm is not ("ES256" or "RS256"))
        {
            yield return $"{path}:SigningAlgorithm must be ES256 or RS256.";
        }

        if (partner.TokenType.Length is 0 or > 100 || partner.TokenType.Any(character => character is <= ' ' or > '~')
            || partner.TokenType is "at+jwt" or "application/at+jwt" or SecurityEventNames.TokenType)
        {
            yield return $"{path}:TokenType must be visible ASCII, and not the type of another token.";
        }

        foreach (string fault in Lifetime($"{path}:TokenLifetime", partner.TokenLifetime))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> OfPrimary(string path, PrimaryServerOptions primary, IdmOptions options)
    {
        if (!IsHttps(primary.Issuer))
        {
            yield return $"{path}:Issuer must be an https URL without user or fragment.";
        }
        else if (IsSameServer(primary.Issuer, options.Issuer))
        {
            yield return $"{path}:Issuer is this server itself.";
        }

        foreach (string fault in KeyFaults(path, primary)
            .Concat(Lifetime($"{path}:LongestTokenLifetime", primary.LongestTokenLifetime))
            .Concat(Lifetime($"{path}:AccessTokenLifetime", primary.AccessTokenLifetime)))
        {
            yield return fault;
        }

        foreach (string algorithm in primary.Algorithms.Where(name => !SecurityTokenValidator.Algorithms.Contains(name)))
        {
            yield return $"{path}:Algorithms: '{algorithm}' is not one of {string.Join(", ", SecurityTokenValidator.Algorithms)}.";
        }

        if (primary.IdentityDomains.Count == 0)
        {
            yield return $"{path}:IdentityDomains is empty: this server could assert nobody.";
        }

        foreach (string domain in primary.IdentityDomains.Where(domain => !IdmOptionsValidator.IsDomain(domain)))
        {
            yield return $"{path}:IdentityDomains: '{domain}' must be a host name in lower case, or 'tel:'.";
        }

        if (primary.Scopes.Count == 0)
        {
            yield return $"{path}:Scopes is empty: its users could be given nothing.";
        }

        foreach (string scope in primary.Scopes.Where(scope => !McScopes.TryParse(scope, out _, out _)))
        {
            yield return $"{path}:Scopes: '{scope}' is not a scope of TS 33.180 table B.4.2.2-1.";
        }
    }

    private static IEnumerable<string> KeyFaults(string path, PrimaryServerOptions primary)
    {
        string?[] sources = [primary.JwksFile, primary.JwksUri, primary.MetadataAddress];
        if (sources.Count(source => !string.IsNullOrEmpty(source)) != 1)
        {
            yield return $"{path} must name exactly one of JwksFile, JwksUri and MetadataAddress.";
        }

        foreach ((string name, string? address) in new[] { ("JwksUri", primary.JwksUri), ("MetadataAddress", primary.MetadataAddress) })
        {
            if (!string.IsNullOrEmpty(address) && !IsHttps(address))
            {
                yield return $"{path}:{name} must be an https URL without user or fragment.";
            }
        }

        if (!string.IsNullOrEmpty(primary.JwksFile) && FileFault(primary.JwksFile) is { } keys)
        {
            yield return $"{path}:JwksFile {keys}.";
        }

        if (!string.IsNullOrEmpty(primary.CaFile) && CaFault(primary.CaFile) is { } ca)
        {
            yield return $"{path}:CaFile {ca}.";
        }
    }

    private static string? FileFault(string file)
    {
        try
        {
            return PublicKeySet.TryParse(File.ReadAllText(file), out _, out string? fault) ? null : fault;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "cannot be read";
        }
    }

    private static string? CaFault(string file)
    {
        try
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPemFile(file);
            return certificates.Count == 0 ? "has no PEM certificate" : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return "cannot be read";
        }
    }

    /// <summary>An identity that two servers may assert belongs to nobody.</summary>
    private static IEnumerable<string> SharedDomains(IdmOptions options) =>
        options.PrimaryServers.SelectMany(primary => primary.IdentityDomains.Distinct(StringComparer.Ordinal))
            .Concat(options.IdentityDomains.Distinct(StringComparer.Ordinal))
            .GroupBy(domain => domain, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"Idm:PrimaryServers: the identity domain '{group.Key}' is asserted by more than one server.");

    private static IEnumerable<string> Repeated(IEnumerable<string> values, string path) =>
        values.GroupBy(value => value, StringComparer.Ordinal)
            .Where(group => group.Key.Length > 0 && group.Count() > 1)
            .Select(group => $"{path}: '{group.Key}' appears {group.Count()} times.");

    private static IEnumerable<string> Lifetime(string path, TimeSpan value)
    {
        if (value < LeastLifetime || value > MostLifetime)
        {
            yield return $"{path} is {value:c}; it must be between {LeastLifetime:c} and {MostLifetime:c}.";
        }
    }

    // With port 0 the issuer is known only once the server runs.
    private static bool IsSameServer(string address, string issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out Uri? own) && own.Port != 0 && address.TrimEnd('/') == issuer.TrimEnd('/');

    private static bool IsHttps(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
        && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
}

using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Watchword.Authorization.Keys;
using Watchword.Identity;

namespace Watchword.Authorization.Configuration;

/// <summary>Lists every fault of the configuration, so that an operator mends it in one go; the host then does not
/// start.</summary>
internal sealed class ResourceServerOptionsValidator : IValidateOptions<ResourceServerOptions>
{
    private static readonly TimeSpan MaxLeeway = TimeSpan.FromSeconds(30);

    public ValidateOptionsResult Validate(string? name, ResourceServerOptions options)
    {
        List<string> faults = [];
        if (string.IsNullOrWhiteSpace(options.Audience))
        {
            faults.Add("Authorization:Audience: name this server as tokens name it in 'aud'.");
        }

        CheckTimes(options, faults);
        if (options.Issuers.Count == 0)
        {
            faults.Add("Authorization:Issuers: at least one trusted issuer is needed.");
        }

        foreach (IGrouping<string, TrustedIssuerOptions> group in
            options.Issuers.GroupBy(issuer => issuer.Issuer, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            faults.Add($"Authorization:Issuers: '{group.Key}' appears {group.Count()} times.");
        }

        for (int i = 0; i < options.Issuers.Count; i++)
        {
            CheckIssuer($"Authorization:Issuers:{i}", options.Issuers[i], faults);
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckTimes(ResourceServerOptions options, List<string> faults)
    {
        CheckRange("Leeway", options.Leeway, TimeSpan.Zero, MaxLeeway, faults);
        CheckRange("KeyRefreshInterval", options.KeyRefreshInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), faults);
        CheckRange("KeyMaximumAge", options.KeyMaximumAge, options.KeyRefreshInterval, TimeSpan.FromDays(30), faults);
        CheckRange(
            "UnknownKeyRefetchInterval", options.UnknownKeyRefetchInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1),
            faults);
        CheckRange("FetchRetryDelay", options.FetchRetryDelay, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), faults);
        CheckRange("FetchTimeout", options.FetchTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), faults);
    }

    private static void CheckRange(string key, TimeSpan value, TimeSpan least, TimeSpan most, List<string> faults)
    {
        if (value < least || value > most)
        {
            faults.Add($"Authorization:{key}: {value} is not between {least} and {most}.");
        }
    }

    private static void CheckIssuer(string path, TrustedIssuerOptions issuer, List<string> faults)
    {
        if (string.IsNullOrWhiteSpace(issuer.Issuer))
        {
            faults.Add($"{path}:Issuer: the exact value of 'iss' is needed.");
        }

        CheckKeySource(path, issuer, faults);
        SecurityEventFaults.Check(path, issuer, faults);
        if (issuer.IdentityDomains.Count == 0 && issuer.EntityUris.Count == 0)
        {
            faults.Add(
                $"{path}:IdentityDomains: an issuer that may assert no identity is of no use; name its domains or entities.");
        }

        faults.AddRange(issuer.IdentityDomains
            .Where(domain => !IsDomain(domain))
            .Select(domain => $"{path}:IdentityDomains: '{domain}' is neither a host name nor 'tel:'."));
        faults.AddRange(issuer.EntityUris
            .Where(uri => McServiceId.DomainOf(uri) is null)
            .Select(uri => $"{path}:EntityUris: '{uri}' is no sip:, sips: or tel: URI."));
        faults.AddRange(issuer.Algorithms
            .Where(algorithm => !SignatureAlgorithms.All.Contains(algorithm, StringComparer.Ordinal))
            .Select(algorithm =>
                $"{path}:Algorithms: '{algorithm}' is not one of {string.Join(", ", SignatureAlgorithms.All)}."));
    }

    private static void CheckKeySource(string path, TrustedIssuerOptions issuer, List<string> faults)
    {
        string?[] sources = [issuer.MetadataAddress, issuer.JwksUri, issuer.JwksFile];
        if (sources.Count(source => !string.IsNullOrEmpty(source)) != 1)
        {
            faults.Add($"{path}: exactly one of MetadataAddress, JwksUri and JwksFile is needed.");
        }

        CheckAddress($"{path}:MetadataAddress", issuer.MetadataAddress, faults);
        CheckAddress($"{path}:JwksUri", issuer.JwksUri, faults);
        if (!string.IsNullOrEmpty(issuer.JwksFile) && CheckKeyFile(issuer.JwksFile) is string keyFault)
        {
            faults.Add($"{path}:JwksFile: {keyFault}");
        }

        if (!string.IsNullOrEmpty(issuer.CaFile) && CheckCaFile(issuer) is string caFault)
        {
            faults.Add($"{path}:CaFile: {caFault}");
        }
    }

    private static void CheckAddress(string path, string? address, List<string> faults)
    {
        if (!string.IsNullOrEmpty(address) && !Backchannel.IsHttps(address))
        {
            faults.Add($"{path}: '{address}' is not an absolute https address.");
        }
    }

    private static string? CheckKeyFile(string file)
    {
        try
        {
            return !VerificationKeySet.TryParse(File.ReadAllBytes(file), out VerificationKeySet? keys)
                ? $"'{file}' is no JWK set."
                : keys.Count == 0
                ? $"'{file}' has no key that can verify tokens "
                    + "(EC P-256, or RSA of 2048 bits or more, with a unique 'kid')."
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{file}' cannot be read: {e.Message}";
        }
    }

    private static string? CheckCaFile(TrustedIssuerOptions issuer)
    {
        if (!string.IsNullOrEmpty(issuer.JwksFile))
        {
            return "keys from a file need no CA.";
        }

        try
        {
            return Backchannel.ReadCertificates(issuer.CaFile!).Count == 0 ? $"'{issuer.CaFile}' has no PEM certificate." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"'{issuer.CaFile}' cannot be read: {e.Message}";
        }
    }

    /// <summary>A domain is what <see cref="McServiceId.DomainOf"/> can answer, in any case of letters.</summary>
    private static bool IsDomain(string domain) =>
        domain == "tel:"
        || (!domain.Contains('@', StringComparison.Ordinal)
            && string.Equals(McServiceId.DomainOf("sip:u@" + domain), domain, StringComparison.OrdinalIgnoreCase));
}

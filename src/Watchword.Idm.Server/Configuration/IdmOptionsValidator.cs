using Microsoft.Extensions.Options;
using Watchword.Identity;

namespace Watchword.Idm.Server.Configuration;

/// <summary>Reads the whole section and lists every fault, so that an operator mends the file once.</summary>
internal sealed class IdmOptionsValidator : IValidateOptions<IdmOptions>
{
    public ValidateOptionsResult Validate(string? name, IdmOptions options)
    {
        List<string> faults =
        [
            .. Required(options.DataDirectory, "Idm:DataDirectory"),
            .. IssuerFaults(options.Issuer),
            .. ListenFaults(options),
            .. CustodyFaults(options.Custody),
            .. ResourceServerFaults(options.ResourceServers),
            .. DomainFaults(options.IdentityDomains),
            .. TimeFaults(options),
            .. EventReceiverFaults.Of(options),
            .. InterDomainFaults.Of(options),
        ];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Required(string? value, string key)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            yield return $"{key} is missing.";
        }
    }

    private static IEnumerable<string> IssuerFaults(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out Uri? uri)
            || uri.Scheme != Uri.UriSchemeHttps || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            yield return "Idm:Issuer must be an https URL without query, fragment or user.";
        }
        else if (uri.AbsolutePath != "/")
        {
            yield return "Idm:Issuer must have no path: the endpoints stand at the root of the server.";
        }
        else if (issuer != uri.AbsoluteUri && issuer + "/" != uri.AbsoluteUri)
        {
            yield return $"Idm:Issuer must be written in its normal form: {uri.AbsoluteUri.TrimEnd('/')}.";
        }
    }

    private static IEnumerable<string> ListenFaults(IdmOptions options)
    {
        foreach (string address in options.Listen)
        {
            if (!ListenAddress.TryParse(address, out _))
            {
                yield return $"Idm:Listen: '{address}' must be https://<IP address, localhost or *>:<port>.";
            }
        }

        if (options.Listen.Count > 0)
        {
            foreach (string fault in Required(options.Tls.CertificateFile, "Idm:Tls:CertificateFile")
                .Concat(Required(options.Tls.KeyFile, "Idm:Tls:KeyFile")))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> CustodyFaults(CustodyOptions custody)
    {
        if (string.IsNullOrWhiteSpace(custody.KeyEncryptionKeyFile) == string.IsNullOrWhiteSpace(custody.PassphraseFile))
        {
            yield return "Idm:Custody must name exactly one of KeyEncryptionKeyFile and PassphraseFile.";
        }
    }

    private static IEnumerable<string> ResourceServerFaults(List<ResourceServerOptions> servers)
    {
        for (int i = 0; i < servers.Count; i++)
        {
            foreach (string fault in Required(servers[i].Audience, $"Idm:ResourceServers:{i}:Audience"))
            {
                yield return fault;
            }

            foreach (string scope in servers[i].Scopes.Where(
                scope => !McScopes.TryParse(scope, out _, out _) && scope != McScopes.ServicesAdministration
                    && !KmsRoleScopes.All.Contains(scope, StringComparer.Ordinal)))
            {
                yield return $"Idm:ResourceServers:{i}:Scopes: '{scope}' is not a scope of TS 33.180 table B.4.2.2-1, nor one of a KMS role or of services.";
            }
        }
    }

    private static IEnumerable<string> DomainFaults(List<string> domains)
    {
        if (domains.Count == 0)
        {
            yield return "Idm:IdentityDomains is empty: no account could have an MC service ID.";
        }

        foreach (string domain in domains.Where(domain => !IsDomain(domain)))
        {
            yield return $"Idm:IdentityDomains: '{domain}' must be a host name in lower case, or 'tel:'.";
        }
    }

    /// <summary>True for a host name in lower case, or <c>tel:</c>.</summary>
    internal static bool IsDomain(string domain) => domain.Length > 0
        && !domain.Any(char.IsUpper) && (domain == "tel:" || domain.AsSpan().IndexOfAny("@/ ;") < 0);

    private static IEnumerable<string> TimeFaults(IdmOptions options)
    {
        (string Key, TimeSpan Value, TimeSpan Least, TimeSpan Most)[] times =
        [
            ("AccessTokenLifetime", options.AccessTokenLifetime, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)),
            ("AuthorizationCodeLifetime", options.AuthorizationCodeLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)),
            ("RefreshTokenLifetime", options.RefreshTokenLifetime, options.AccessTokenLifetime, TimeSpan.FromDays(366)),
            ("SigningKeyLifetime", options.SigningKeyLifetime, TimeSpan.FromDays(1), TimeSpan.FromDays(731)),
            ("SigningKeyAnnouncement", options.SigningKeyAnnouncement, TimeSpan.FromMinutes(5), options.SigningKeyLifetime),
            ("EventRetention", options.EventRetention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(366)),
            ("LogIn:LockoutDuration", options.LogIn.LockoutDuration, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        ];
        foreach ((string key, TimeSpan value, TimeSpan least, TimeSpan most) in times)
        {
            if (value < least || value > most)
            {
                yield return $"Idm:{key} is {value:c}; it must be between {least:c} and {most:c}.";
            }
        }

        if (options.LogIn.MaxFailures is < 2 or > 100)
        {
            yield return "Idm:LogIn:MaxFailures must be between 2 and 100.";
        }

        if (options.LogIn.MinimumPasswordLength is < 8 or > 128)
        {
            yield return "Idm:LogIn:MinimumPasswordLength must be between 8 and 128.";
        }

        if (options.LogIn.PasswordIterations < 10_000)
        {
            yield return "Idm:LogIn:PasswordIterations must be at least 10000.";
        }
    }
}

using System.Collections.Frozen;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked, immutable configuration of one security domain.</summary>
public sealed class DomainSettings
{
    private const string UrlForm = "write https://HOST[:PORT] as clients know it";

    private DomainSettings(
        DomainOptions options, KmsOptions defaults, string section, Func<int, string> urlOption, IReadOnlySet<string> known,
        ConfigurationFaults faults)
    {
        PublicBaseUrls = [.. options.PublicBaseUrls.Select((url, i) => CheckPublicUrl(url, urlOption(i), faults)).OfType<Uri>()];
        KmsUriAliases = options.KmsUriAliases.ToFrozenSet(StringComparer.Ordinal);
        for (int i = 0; i < options.Issuers.Count; i++)
        {
            if (!known.Contains(options.Issuers[i]))
            {
                faults.Add($"{section}Issuers:{i}", "is no issuer of Authorization:Issuers and no asserted peer",
                    "write Issuer of one of them, octet by octet, or asserted: and the thumbprint of a peer");
            }
        }

        Policy = new DomainPolicy
        {
            KeyPeriods = new KeyPeriodPolicy(
                KmsSettings.Within(
                    options.OpeningWindowFraction ?? defaults.OpeningWindowFraction, 0, 1, section + "OpeningWindowFraction", faults),
                (int)KmsSettings.Within(
                    options.HistoryPeriods ?? defaults.HistoryPeriods, 0, 1000, section + "HistoryPeriods", faults)),
            FullCheckRate = KmsSettings.Within(
                options.FullCheckRate ?? defaults.FullCheckRate, 0, 1, section + "FullCheckRate", faults),
            AcceptedIssuers = options.Issuers.ToFrozenSet(StringComparer.Ordinal),
            TransportKeys = TransportKeyOptions.ToPolicy(
                options.TransportKeys, defaults.TransportKeys, section + "TransportKeys:", faults),
        };
        Xml = new AnnexDOptions { UserIdEncoding = options.UserIdEncoding ?? defaults.UserIdEncoding };
        KmsId = options.KmsId ?? defaults.KmsId;
        SendExtensions = options.SendExtensions ?? defaults.SendExtensions;
        DefaultProfile = options.DefaultProfile ?? defaults.Profiles.Default;
        ProfileSettings.CheckKind(options.DefaultProfile ?? default, section + "DefaultProfile", faults);
    }

    /// <summary>The KMS URI; null if the section Kms stands for the only domain of the store.</summary>
    public string? KmsUri { get; private init; }

    /// <summary>The https URLs of the domain without path; port 0 stands for the port that is listened on.</summary>
    public IReadOnlyList<Uri> PublicBaseUrls { get; }

    /// <summary>Other values of KmsUri in a request that mean this domain.</summary>
    public IReadOnlySet<string> KmsUriAliases { get; }

    /// <summary>The rules that the engine holds.</summary>
    public DomainPolicy Policy { get; }

    /// <summary>How answers are written.</summary>
    public AnnexDOptions Xml { get; }

    /// <summary>Whether answers carry extension elements.</summary>
    public bool SendExtensions { get; }

    /// <summary>Names this instance in answers.</summary>
    public string? KmsId { get; }

    /// <summary>The profile of clients of whom nothing else is said.</summary>
    public ClientProfileKind DefaultProfile { get; }

    /// <summary>The domains of the section Kms: those of Kms:Domains, or else the section itself.</summary>
    internal static IReadOnlyList<DomainSettings> ReadAll(
        KmsOptions options, IReadOnlySet<string> knownIssuers, ConfigurationFaults faults)
    {
        if (options.Domains.Count == 0)
        {
            DomainOptions only = new() { PublicBaseUrls = [options.PublicBaseUrl] };
            return [new DomainSettings(only, options, "Kms:", _ => "Kms:PublicBaseUrl", knownIssuers, faults)];
        }

        if (options.PublicBaseUrl.Length > 0)
        {
            faults.Add("Kms:PublicBaseUrl", "stands beside Kms:Domains", "move it to PublicBaseUrls of its domain");
        }

        List<DomainSettings> domains = [];
        for (int i = 0; i < options.Domains.Count; i++)
        {
            string section = $"Kms:Domains:{i}:";
            DomainOptions domain = options.Domains[i];
            if (domain.KmsUri.Length == 0 || domains.Exists(before => before.KmsUri == domain.KmsUri))
            {
                faults.Add($"{section}KmsUri", "is missing or stands there twice", "name each domain once");
            }

            if (domain.PublicBaseUrls.Count == 0)
            {
                faults.Add($"{section}PublicBaseUrls", "names no URL", UrlForm);
            }

            domains.Add(new DomainSettings(domain, options, section, n => $"{section}PublicBaseUrls:{n}", knownIssuers, faults)
            {
                KmsUri = domain.KmsUri,
            });
        }

        foreach (IGrouping<Uri, Uri> twice in domains.SelectMany(domain => domain.PublicBaseUrls).GroupBy(url => url)
            .Where(same => same.Count() > 1))
        {
            faults.Add("Kms:Domains", $"has the public URL {twice.Key} twice, which could not choose a domain",
                "give each domain URLs of its own");
        }

        return domains;
    }

    private static Uri? CheckPublicUrl(string text, string option, ConfigurationFaults faults)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            && url.UserInfo.Length == 0)
        {
            return url;
        }

        faults.Add(option, "is not an https URL without path", UrlForm);
        return null;
    }
}

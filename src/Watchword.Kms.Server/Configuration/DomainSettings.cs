using System.Collections.Frozen;
using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Configuration;

/// <summary>The checked, immutable configuration of one security domain.</summary>
public sealed class DomainSettings
{
    private DomainSettings(
        DomainOptions options, KmsOptions defaults, string section, string urlSection, IReadOnlySet<string> known, List<string> faults)
    {
        PublicBaseUrls = [.. options.PublicBaseUrls.Select((url, i) => CheckPublicUrl(url, urlSection, faults)).OfType<Uri>()];
        KmsUriAliases = options.KmsUriAliases.ToFrozenSet(StringComparer.Ordinal);
        foreach (string stranger in options.Issuers.Where(issuer => !known.Contains(issuer)))
        {
            faults.Add($"{section}Issuers has {stranger}, which is no issuer of Authorization:Issuers and no asserted peer");
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

    /// <summary>The domains of the section Kms: those of Kms:Domains, or else the section itself.</summary>
    internal static IReadOnlyList<DomainSettings> ReadAll(KmsOptions options, IReadOnlySet<string> knownIssuers, List<string> faults)
    {
        if (options.Domains.Count == 0)
        {
            DomainOptions only = new() { PublicBaseUrls = [options.PublicBaseUrl] };
            return [new DomainSettings(only, options, "Kms:", "Kms:PublicBaseUrl", knownIssuers, faults)];
        }

        if (options.PublicBaseUrl.Length > 0)
        {
            faults.Add("Kms:PublicBaseUrl and Kms:Domains exclude each other: each domain has PublicBaseUrls");
        }

        List<DomainSettings> domains = [];
        for (int i = 0; i < options.Domains.Count; i++)
        {
            string section = $"Kms:Domains:{i}:";
            DomainOptions domain = options.Domains[i];
            if (domain.KmsUri.Length == 0 || domains.Exists(before => before.KmsUri == domain.KmsUri))
            {
                faults.Add($"{section}KmsUri is missing or stands there twice");
            }

            if (domain.PublicBaseUrls.Count == 0)
            {
                faults.Add($"{section}PublicBaseUrls names no URL");
            }

            domains.Add(new DomainSettings(domain, options, section, section + "PublicBaseUrls", knownIssuers, faults)
            {
                KmsUri = domain.KmsUri,
            });
        }

        foreach (IGrouping<Uri, Uri> twice in domains.SelectMany(domain => domain.PublicBaseUrls).GroupBy(url => url)
            .Where(same => same.Count() > 1))
        {
            faults.Add($"Kms:Domains has the public URL {twice.Key} twice: it could not choose a domain");
        }

        return domains;
    }

    private static Uri? CheckPublicUrl(string text, string section, List<string> faults)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            && url.UserInfo.Length == 0)
        {
            return url;
        }

        faults.Add($"{section} is not an https URL without path");
        return null;
    }
}

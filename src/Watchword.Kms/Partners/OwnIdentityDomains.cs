namespace Watchword.Kms;

/// <summary>Which identities are a domain's own: those of the domains that its KMS certificates name
/// (<c>KmsDomainList</c>).</summary>
internal static class OwnIdentityDomains
{
    /// <summary>The patterns of all generations; none if the domain names none.</summary>
    public static IReadOnlyList<IdentityDomainPattern> Of(IReadOnlyList<DomainRecord> generations) =>
    [
        .. generations.SelectMany(generation => generation.Domains).Distinct(StringComparer.Ordinal)
            .Select(IdentityDomainPattern.TryParse).OfType<IdentityDomainPattern>(),
    ];

    /// <summary>
    /// True if an identity is the domain's own: one of its domains. Where it names no hosts, or no numbers, all of them are: a
    /// number has no domain of its own, and most domains name hosts only.
    /// </summary>
    public static bool IsOwn(DomainRecord domain, string userUri)
    {
        bool isNumber = userUri.StartsWith("tel:", StringComparison.Ordinal);
        IdentityDomainPattern[] named = [.. Of([domain]).Where(pattern => pattern.IsOfNumbers == isNumber)];
        return named.Length == 0 || named.Any(pattern => pattern.Matches(userUri));
    }
}

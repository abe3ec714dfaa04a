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
}

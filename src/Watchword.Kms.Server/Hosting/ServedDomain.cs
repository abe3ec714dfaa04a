using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Hosting;

/// <summary>A security domain that this server serves.</summary>
/// <param name="Issuer">Issues its key sets.</param>
/// <param name="Settings">Its configuration.</param>
/// <param name="Urls">Where clients reach it.</param>
internal sealed record ServedDomain(KeyIssuer Issuer, DomainSettings Settings, PublicUrls Urls)
{
    public string KmsUri => Issuer.Domain.KmsUri;

    /// <summary>True if a KmsUri in a request means this domain, octet by octet.</summary>
    public bool IsNamedBy(string kmsUri) =>
        string.Equals(kmsUri, KmsUri, StringComparison.Ordinal) || Settings.KmsUriAliases.Contains(kmsUri);
}

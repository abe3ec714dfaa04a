using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Finds the security domain of who is called, from what the store holds (TS 33.180 5.2.7).</summary>
internal static class ReceiverDomain
{
    /// <summary>
    /// The certificate to encrypt with: of the KMS named; else of the one that a lookup gave within a day; else of the domain
    /// whose list of
    /// domains holds the host of the URI, the home domain first; else of the home domain.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.DomainUnknown"/>, <see cref="ClientFault.KmsCertificateUnusable"/>.</exception>
    public static KmsCertificate Find(KeyStore store, string uri, string? kmsUri, KmsCertificate home, DateTimeOffset now)
    {
        string chosen = kmsUri ?? store.FindKnownDomain(uri, KmClient.LookUpMaxAge) ?? ByHost(store, uri, home, now) ?? home.KmsUri;
        if (string.Equals(chosen, home.KmsUri, StringComparison.Ordinal))
        {
            return home;
        }

        IReadOnlyList<StoredCertificate> certificates = store.CertificatesOf(chosen);
        return certificates.FirstOrDefault(c => c.Certificate.IsUsableAt(now))?.Certificate
            ?? throw new WatchwordClientException(
                certificates.Count > 0 ? ClientFault.KmsCertificateUnusable : ClientFault.DomainUnknown, chosen);
    }

    /// <summary>True if the certificate's list of domains holds the host of the URI.</summary>
    public static bool IsOf(KmsCertificate certificate, string uri) => HostOf(uri) is { } host && Names(certificate, host);

    private static string? ByHost(KeyStore store, string uri, KmsCertificate home, DateTimeOffset now)
    {
        string? host = HostOf(uri);
        return host is null
            ? null
            : store.PartnerCertificates.Where(c => c.IsUsableAt(now)).Prepend(home)
                .FirstOrDefault(c => Names(c, host))?.KmsUri;
    }

    private static bool Names(KmsCertificate certificate, string host) =>
        certificate.Domains.Any(d => string.Equals(HostOf(d), host, StringComparison.OrdinalIgnoreCase));

    /// <summary>The host of <c>sip:user@host</c>, or of a domain as KMS certificates name one: bare, or with a scheme.</summary>
    private static string? HostOf(string uri)
    {
        if (uri.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        ReadOnlySpan<char> rest = uri;
        foreach (string prefix in (ReadOnlySpan<string>)["sip:", "sips:", "https://", "http://"])
        {
            rest = rest.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? rest[prefix.Length..] : rest;
        }

        rest = rest[(rest.LastIndexOf('@') + 1)..];
        int end = rest.IndexOfAny(":;?/");
        rest = end < 0 ? rest : rest[..end];
        return rest.IsEmpty ? null : rest.ToString();
    }
}

using System.CommandLine;
using Watchword.Client;

namespace Watchword.Cli.Commands;

/// <summary>Options that name servers and whom to trust. There is deliberately none that trusts without a CA.</summary>
internal static class ConnectionOptions
{
    /// <summary>Makes <c>--idm</c>.</summary>
    public static Option<string> Idm() => new("--idm")
    {
        Description = "issuer URL of the IdM server, https",
        HelpName = "URL",
        Required = true,
    };

    /// <summary>Makes <c>--ca</c>.</summary>
    public static Option<string?> Ca() => new("--ca")
    {
        Description = "PEM file of the CA to trust, and no other (default: the system's trust store)",
        HelpName = "FILE",
    };

    /// <summary>Makes <c>--http-proxy</c>.</summary>
    public static Option<string?> HttpProxy() => new("--http-proxy")
    {
        Description = "https URL of the home HTTP proxy, which the KMS is asked through (TS 24.482 A.2.1.2), kept for later commands; "
            + "none for no proxy any more",
        HelpName = "URL",
    };

    /// <summary>Makes <c>--tls-certificate</c>.</summary>
    public static Option<string?> TlsCertificate() => new("--tls-certificate")
    {
        Description = "PEM file of the UE's own certificate, for mutual TLS at the HTTP proxy (TS 33.180 6.1.2) and the SIP core; kept",
        HelpName = "FILE",
    };

    /// <summary>Makes <c>--tls-key</c>.</summary>
    public static Option<string?> TlsKey() => new("--tls-key")
    {
        Description = "PEM file of its private key, mode 0600; kept",
        HelpName = "FILE",
    };

    /// <summary>The URL that the option means; null for <c>none</c>.</summary>
    /// <exception cref="CliException">It is no https URL without path.</exception>
    public static string? HttpProxyOf(string option) => option == "none" ? null
        : Uri.TryCreate(option, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            ? option
            : throw new CliException(ExitCode.Usage, "--http-proxy takes an https URL without path, or none");

    /// <summary>The trust that <c>--ca</c> asks for.</summary>
    public static TlsTrust Trust(string? caFile) => caFile is null ? TlsTrust.OfOperatingSystem() : TlsTrust.FromCaFile(caFile);
}

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

    /// <summary>The trust that <c>--ca</c> asks for.</summary>
    public static TlsTrust Trust(string? caFile) => caFile is null ? TlsTrust.OfOperatingSystem() : TlsTrust.FromCaFile(caFile);
}

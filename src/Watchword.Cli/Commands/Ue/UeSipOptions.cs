using System.CommandLine;
using System.Globalization;
using System.Net;
using Watchword.Cli.Profiles;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>The options that say how the SIP core is reached.</summary>
internal sealed class UeSipOptions
{
    private const int UsualPort = 5060;
    private const int UsualTlsPort = 5061;
    private static readonly string[] Transports = [.. Enum.GetNames<SipTransport>().Select(name => name.ToLowerInvariant())];

    private readonly Option<string?> proxy = new("--sip-proxy")
    {
        Description = "edge of the SIP core, where all SIP goes; without it, now and before, nothing goes over SIP; kept",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> transport = new("--sip-transport")
    {
        Description = $"{string.Join(", ", Transports)} (default: tcp); what is too large for a datagram goes over TCP",
        HelpName = "TRANSPORT",
    };

    private readonly Option<string?> listen = new("--sip-listen")
    {
        Description = "own address and port, to which the core sends (default: any port of the address that leads to the core)",
        HelpName = "ADDRESS:PORT",
    };

    private readonly Option<string?> certificate = new("--sip-certificate")
    {
        Description = "for tls: SHA-256 of the core's certificate, 64 hexadecimal digits; it is known by that, either way",
        HelpName = "SHA256",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[proxy, transport, listen, certificate])
        {
            command.Add(option);
        }
    }

    /// <summary>The core that the options and what was kept say; null for none.</summary>
    /// <exception cref="CliException">An option has no meaning, or something is missing for TLS.</exception>
    public UeSipCore? Read(Invocation invocation, UeSipCore? kept)
    {
        if ((invocation.Get(proxy) ?? kept?.Proxy) is not { } edge)
        {
            return null;
        }

        UeSipCore core = new(
            edge, ReadTransport(invocation.Get(transport)) ?? kept?.Transport ?? SipTransport.Tcp,
            invocation.Get(listen) ?? kept?.Listen, invocation.Get(certificate) ?? kept?.CertificateSha256);
        if (!edge.Contains(':', StringComparison.Ordinal))
        {
            int usual = core.Transport == SipTransport.Tls ? UsualTlsPort : UsualPort;
            core = core with { Proxy = string.Create(CultureInfo.InvariantCulture, $"{edge}:{usual}") };
        }

        _ = ReadHostAndPort(core.Proxy, "--sip-proxy");
        _ = core.Listen is { } own ? ReadEndPoint(own) : null;
        if (core.CertificateSha256 is { } pinned && (pinned.Length != 64 || !pinned.All(char.IsAsciiHexDigit)))
        {
            throw new CliException(ExitCode.Usage, "--sip-certificate takes 64 hexadecimal digits");
        }

        return core;
    }

    /// <summary>What TLS needs beside the core: its certificate, and one of the UE.</summary>
    public static void RequireForTls(UeSipCore core, ProfileSettings settings)
    {
        if (core.Transport == SipTransport.Tls && (core.CertificateSha256 is null || settings.TlsCertificate is null))
        {
            throw new CliException(ExitCode.Usage, "SIP over TLS needs the core's certificate and one of the UE")
            {
                Cause = "the core opens connections to the UE too, and each side knows the other by its certificate",
                Hint = "give --sip-certificate SHA256, --tls-certificate FILE and --tls-key FILE",
            };
        }
    }

    /// <summary>Reads <c>HOST:PORT</c>; an IPv6 address stands in brackets.</summary>
    public static (string Host, int Port) ReadHostAndPort(string text, string option)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= IPEndPoint.MaxPort && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown
            ? (text[..colon].Trim('[', ']'), port)
            : throw new CliException(ExitCode.Usage, $"{option} takes HOST:PORT");
    }

    /// <summary>Reads <c>ADDRESS:PORT</c>.</summary>
    public static IPEndPoint ReadEndPoint(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? point) && !point.Address.Equals(IPAddress.Any) && !point.Address.Equals(IPAddress.IPv6Any)
            ? point
            : throw new CliException(ExitCode.Usage, "--sip-listen takes ADDRESS:PORT")
            {
                Hint = "an address at which the core reaches this UE",
            };

    private static SipTransport? ReadTransport(string? text) => text is null ? null
        : Transports.Contains(text, StringComparer.Ordinal) ? Enum.Parse<SipTransport>(text, ignoreCase: true)
        : throw new CliException(ExitCode.Usage, $"--sip-transport is one of {string.Join(", ", Transports)}");
}

using System.Net;
using System.Text;

namespace Watchword.Sip;

/// <summary>One value of Via (RFC 3261 §20.42): the way back that a response takes. Immutable.</summary>
public sealed class SipVia
{
    /// <summary>With what a branch begins that is unique (RFC 3261 §8.1.1.7).</summary>
    public const string MagicCookie = "z9hG4bK";

    /// <summary>A value.</summary>
    /// <param name="transport">UDP, TCP, TLS or another token.</param>
    /// <param name="host">The host of sent-by; an IPv6 address in brackets.</param>
    /// <param name="port">The port of sent-by; null for that of the transport.</param>
    /// <param name="parameters">The parameters, <c>branch</c> among them.</param>
    /// <exception cref="SipFormatException">Host, port or transport are none.</exception>
    public SipVia(string transport, string host, int? port, SipParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Transport = SipText.One<string>(transport, SipText.Token);
        Host = SipText.One<string>(host, SipHost.TryRead);
        Port = port is null or (> 0 and <= ushort.MaxValue) ? port : throw new ArgumentOutOfRangeException(nameof(port));
        Parameters = parameters;
    }

    private SipVia(string transport, string host, int? port, SipParameters parameters, string protocol)
        : this(transport, host, port, parameters) => Protocol = protocol;

    /// <summary>The protocol: <c>SIP/2.0</c>.</summary>
    public string Protocol { get; } = "SIP/2.0";

    /// <summary>The transport as written.</summary>
    public string Transport { get; }

    /// <summary>The host of sent-by.</summary>
    public string Host { get; }

    /// <summary>The port of sent-by; null if none is written.</summary>
    public int? Port { get; }

    /// <summary>The parameters.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The parameter <c>branch</c>; null if it is not there.</summary>
    public string? Branch => Parameters["branch"];

    /// <summary>Whether <c>rport</c> asks for the answer to go where the request came from (RFC 3581 §4).</summary>
    public bool HasRport => Parameters.Contains("rport");

    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipVia Parse(string text) => SipText.One<SipVia>(text, TryRead);

    /// <summary>This value with other parameters.</summary>
    public SipVia With(SipParameters parameters) => new(Transport, Host, Port, parameters, Protocol);

    /// <summary>The value as it is written.</summary>
    public override string ToString()
    {
        StringBuilder builder = new StringBuilder(Protocol).Append('/').Append(Transport).Append(' ').Append(Host);
        if (Port is int port)
        {
            builder.Append(':').Append(port);
        }

        return Parameters.AppendTo(builder).ToString();
    }

    /// <summary>What the server that received a request adds (RFC 3261 §18.2.1, RFC 3581 §4).</summary>
    internal SipVia Received(IPEndPoint source)
    {
        IPAddress address = source.Address.IsIPv4MappedToIPv6 ? source.Address.MapToIPv4() : source.Address;
        bool same = SipHost.TryAddress(Host, out IPAddress? written) && address.Equals(written);
        SipParameters parameters = Parameters;
        if (HasRport || !same)
        {
            parameters = parameters.With("received", new IPAddress(address.GetAddressBytes()).ToString());
        }

        return HasRport ? With(parameters.With("rport", source.Port.ToString(null, null))) : With(parameters);
    }

    internal static bool TryRead(ref SipScanner scanner, out SipVia via)
    {
        via = null!;
        if (!scanner.TryToken(out ReadOnlySpan<char> name) || !scanner.TrySeparator('/')
            || !scanner.TryToken(out ReadOnlySpan<char> version)
            || !scanner.TrySeparator('/') || !scanner.TryToken(out ReadOnlySpan<char> transport))
        {
            return false;
        }

        int before = scanner.Position;
        scanner.SkipSpace();
        if (scanner.Position == before || !SipHost.TryRead(ref scanner, out string host))
        {
            return false;
        }

        int? port = null;
        if (scanner.TrySeparator(':'))
        {
            if (!SipHost.TryPort(ref scanner, out int number))
            {
                return false;
            }

            port = number;
        }

        if (!SipParameters.TryRead(ref scanner, out SipParameters parameters)
            || (parameters["rport"] is { Length: > 0 } rport
                && !ushort.TryParse(rport, System.Globalization.NumberStyles.None, null, out _))
            || parameters["branch"] is "")
        {
            return false;
        }

        via = new(transport.ToString(), host, port, parameters, $"{name}/{version}".ToUpperInvariant());
        return true;
    }
}

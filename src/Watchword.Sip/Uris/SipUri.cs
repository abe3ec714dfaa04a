using System.Text;

namespace Watchword.Sip;

/// <summary>
/// A URI as it stands in SIP: <c>sip</c> and <c>sips</c> (RFC 3261 §19.1), <c>tel</c> (RFC 3966), or another scheme whose rest is
/// kept as it is. Immutable. Equality is that of the text; <see cref="IsEquivalentTo"/> has the rules of §19.1.4.
/// </summary>
public sealed class SipUri : IEquatable<SipUri>
{
    private readonly string _text;

    internal SipUri(string scheme, string? rest, string? user, string? password, string? host, int? port,
        SipParameters parameters, string? headers)
    {
        Scheme = scheme;
        Rest = rest;
        User = user;
        Password = password;
        Host = host;
        Port = port;
        Parameters = parameters;
        Headers = headers;
        _text = Write();
    }

    /// <summary>The scheme in lower case.</summary>
    public string Scheme { get; }

    /// <summary>Whether the scheme is <c>sip</c> or <c>sips</c>.</summary>
    public bool IsSip => Scheme is "sip" or "sips";

    /// <summary>Whether the scheme is <c>tel</c>.</summary>
    public bool IsTel => Scheme is "tel";

    /// <summary>The user as written, with its escapes; null if there is none.</summary>
    public string? User { get; }

    /// <summary>The password as written; null if there is none.</summary>
    public string? Password { get; }

    /// <summary>
    /// The host as written, IPv6 addresses in brackets; null for other schemes than <c>sip</c> and <c>sips</c>.
    /// </summary>
    public string? Host { get; }

    /// <summary>The port, 1 to 65535; null if none is written.</summary>
    public int? Port { get; }

    /// <summary>
    /// The number of a <c>tel</c> URI, or all behind the colon of another scheme, as written; null for <c>sip</c> and
    /// <c>sips</c>.
    /// </summary>
    public string? Rest { get; }

    /// <summary>The parameters, values as written with their escapes.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The header fields behind the question mark, as written; null if there are none.</summary>
    public string? Headers { get; }

    /// <summary>Reads a whole text.</summary>
    /// <exception cref="SipFormatException">The text is no URI.</exception>
    public static SipUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!SipUriReader.TryRead(text, out SipUri? uri, out int offset))
        {
            SipFormatException.Throw(SipFormatFault.HeaderValue, offset);
        }

        return uri!;
    }

    /// <summary>Reads a whole text.</summary>
    /// <returns>False if it is no URI.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SipUri? uri) =>
        SipUriReader.TryRead(text, out uri, out _);

    /// <summary>The same URI without its header fields and, of a <c>sip</c> URI, with these parameters.</summary>
    public SipUri WithParameters(SipParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Parse(new SipUri(Scheme, Rest, User, Password, Host, Port, parameters, null).ToString());
    }

    /// <summary>Whether two URIs name the same resource (RFC 3261 §19.1.4; RFC 3966 §4 for <c>tel</c>). Not transitive.</summary>
    public bool IsEquivalentTo(SipUri? other) => other is not null && SipUriComparison.AreEquivalent(this, other);

    /// <summary>The text, canonical: the scheme in lower case, everything else as it was.</summary>
    public override string ToString() => _text;

    /// <summary>Equality of the texts.</summary>
    public bool Equals(SipUri? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SipUri);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    private string Write()
    {
        StringBuilder builder = new StringBuilder(Scheme).Append(':').Append(Rest);
        if (User is not null)
        {
            builder.Append(User);
            if (Password is not null)
            {
                builder.Append(':').Append(Password);
            }

            builder.Append('@');
        }

        builder.Append(Host);
        if (Port is int port)
        {
            builder.Append(':').Append(port);
        }

        Parameters.AppendTo(builder, raw: true);
        return Headers is null ? builder.ToString() : builder.Append('?').Append(Headers).ToString();
    }
}

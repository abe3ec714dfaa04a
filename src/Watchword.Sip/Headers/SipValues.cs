using System.Globalization;
using System.Text;

namespace Watchword.Sip;

/// <summary>CSeq (RFC 3261 §20.16).</summary>
/// <param name="Number">The number, below 2^31.</param>
/// <param name="Method">The method.</param>
public readonly record struct SipCSeq(uint Number, string Method)
{
    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipCSeq Parse(string text) => SipText.One<SipCSeq>(text, TryRead);

    /// <summary>The value as it is written.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Method}");

    internal static bool TryRead(ref SipScanner scanner, out SipCSeq value)
    {
        value = default;
        if (!scanner.TryNumber(out uint number) || number > int.MaxValue)
        {
            return false;
        }

        int before = scanner.Position;
        scanner.SkipSpace();
        if (scanner.Position == before || !scanner.TryToken(out ReadOnlySpan<char> method))
        {
            return false;
        }

        value = new(number, method.ToString());
        return true;
    }
}

/// <summary>
/// A token with parameters: Event (RFC 6665 §8.2.1), Subscription-State (§8.2.3), and Accept-Contact, where the token is an
/// asterisk (RFC 3841 §9).
/// </summary>
/// <param name="Value">The token, as written.</param>
/// <param name="Parameters">The parameters.</param>
public sealed record SipTokenValue(string Value, SipParameters Parameters)
{
    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipTokenValue Parse(string text) => SipText.One<SipTokenValue>(text, TryRead);

    /// <summary>The value as it is written.</summary>
    public override string ToString() => Parameters.AppendTo(new StringBuilder(Value)).ToString();

    internal static bool TryRead(ref SipScanner scanner, out SipTokenValue value)
    {
        bool read = scanner.TryToken(out ReadOnlySpan<char> token);
        read &= SipParameters.TryRead(ref scanner, out SipParameters parameters);
        value = new(token.ToString(), parameters);
        return read;
    }
}

/// <summary>A media type or range with parameters: Content-Type, Accept (RFC 3261 §20.1, §20.15).</summary>
/// <param name="Type">The type, as written.</param>
/// <param name="Subtype">The subtype, as written.</param>
/// <param name="Parameters">The parameters.</param>
public sealed record SipMediaType(string Type, string Subtype, SipParameters Parameters)
{
    /// <summary>Type and subtype in lower case.</summary>
    public string Essence => $"{Type}/{Subtype}".ToLowerInvariant();

    /// <summary>Whether this is that media type; case and parameters do not count.</summary>
    public bool Is(string essence) => string.Equals($"{Type}/{Subtype}", essence, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether this, as a range of Accept, has <paramref name="essence"/> in it.</summary>
    public bool Covers(string essence)
    {
        ArgumentNullException.ThrowIfNull(essence);
        return Parameters["q"] is not ("0" or "0." or "0.0" or "0.00" or "0.000")
            && (Type == "*" || (Subtype == "*" && essence.StartsWith(Type + "/", StringComparison.OrdinalIgnoreCase))
                || Is(essence));
    }

    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipMediaType Parse(string text) => SipText.One<SipMediaType>(text, TryRead);

    /// <summary>The value as it is written.</summary>
    public override string ToString() => Parameters.AppendTo(new StringBuilder(Type).Append('/').Append(Subtype)).ToString();

    internal static bool TryRead(ref SipScanner scanner, out SipMediaType value)
    {
        value = null!;
        if (!scanner.TryToken(out ReadOnlySpan<char> type) || !scanner.TrySeparator('/')
            || !scanner.TryToken(out ReadOnlySpan<char> subtype)
            || !SipParameters.TryRead(ref scanner, out SipParameters parameters))
        {
            return false;
        }

        value = new(type.ToString(), subtype.ToString(), parameters);
        return true;
    }
}

/// <summary>One value of Warning (RFC 3261 §20.43).</summary>
/// <param name="Code">Three digits.</param>
/// <param name="Agent">Host, host and port, or a pseudonym.</param>
/// <param name="Text">The text without quotes.</param>
public sealed record SipWarning(int Code, string Agent, string Text)
{
    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipWarning Parse(string text) => SipText.One<SipWarning>(text, TryRead);

    /// <summary>The value as it is written.</summary>
    public override string ToString() =>
        new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Code:D3} {Agent} ").AppendQuoted(Text).ToString();

    internal static bool TryRead(ref SipScanner scanner, out SipWarning value)
    {
        value = null!;
        int start = scanner.Position;
        if (!scanner.TryNumber(out uint code) || scanner.Position - start != 3 || !scanner.TryChar(' ')
            || !scanner.TryRun(SipChars.PlainValue, out ReadOnlySpan<char> agent) || !scanner.TryChar(' ')
            || !scanner.TryQuoted(out string text))
        {
            return false;
        }

        value = new((int)code, agent.ToString(), text);
        return true;
    }
}

/// <summary>Retry-After (RFC 3261 §20.33).</summary>
/// <param name="Seconds">Seconds to wait.</param>
/// <param name="Parameters">The parameters, <c>duration</c> among them.</param>
public sealed record SipRetryAfter(uint Seconds, SipParameters Parameters)
{
    /// <summary>Reads one whole value; a comment is passed over.</summary>
    /// <exception cref="SipFormatException">The text is none.</exception>
    public static SipRetryAfter Parse(string text) => SipText.One<SipRetryAfter>(text, TryRead);

    /// <summary>The value as it is written.</summary>
    public override string ToString() => Parameters.AppendTo(new StringBuilder().Append(Seconds)).ToString();

    internal static bool TryRead(ref SipScanner scanner, out SipRetryAfter value)
    {
        value = null!;
        if (!scanner.TryNumber(out uint seconds))
        {
            return false;
        }

        scanner.SkipSpace();
        if (scanner.NextIs('('))
        {
            int end = scanner.Rest.IndexOf(')');
            if (end < 0 || scanner.Rest[1..end].Contains('('))
            {
                return false;
            }

            scanner.Advance(end + 1);
        }

        bool read = SipParameters.TryRead(ref scanner, out SipParameters parameters);
        value = new(seconds, parameters);
        return read;
    }
}

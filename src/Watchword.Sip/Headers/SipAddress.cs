using System.Text;

namespace Watchword.Sip;

/// <summary>
/// name-addr or addr-spec with parameters, as in From, To, Contact, Route, Path and P-Asserted-Identity (RFC 3261 §20.10).
/// Immutable; written with the URI in angle brackets.
/// </summary>
public sealed class SipAddress
{
    /// <summary>An address.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="displayName">A name for people; null for none.</param>
    /// <param name="parameters">Parameters of the header field, such as <c>tag</c>; null for none.</param>
    /// <exception cref="ArgumentException">The display name holds control characters.</exception>
    public SipAddress(SipUri uri, string? displayName = null, SipParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (displayName is not null && !SipChars.IsText(displayName))
        {
            throw new ArgumentException("A display name is text.", nameof(displayName));
        }

        Uri = uri;
        DisplayName = displayName;
        Parameters = parameters ?? SipParameters.Empty;
    }

    /// <summary>The URI.</summary>
    public SipUri Uri { get; }

    /// <summary>The display name without quotes; null if there is none.</summary>
    public string? DisplayName { get; }

    /// <summary>The parameters behind the URI.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The parameter <c>tag</c>; null if it is not there.</summary>
    public string? Tag => Parameters["tag"];

    /// <summary>Reads one whole value.</summary>
    /// <exception cref="SipFormatException">The text is no address.</exception>
    public static SipAddress Parse(string text) => SipText.One<SipAddress>(text, TryRead);

    /// <summary>This address with another tag; null takes it away.</summary>
    public SipAddress WithTag(string? tag) =>
        new(Uri, DisplayName, tag is null ? Parameters.Without("tag") : Parameters.With("tag", tag));

    /// <summary>The value as it is written.</summary>
    public override string ToString()
    {
        StringBuilder builder = new();
        if (DisplayName is not null)
        {
            builder.AppendQuoted(DisplayName).Append(' ');
        }

        return Parameters.AppendTo(builder.Append('<').Append(Uri).Append('>')).ToString();
    }

    internal static bool TryRead(ref SipScanner scanner, out SipAddress address)
    {
        address = null!;
        if (!TryDisplayName(ref scanner, out string? name))
        {
            return false;
        }

        ReadOnlySpan<char> text;
        if (scanner.TryChar('<'))
        {
            int end = scanner.Rest.IndexOf('>');
            if (end < 0)
            {
                return false;
            }

            text = scanner.Rest[..end];
            scanner.Advance(end + 1);
        }
        else if (name is not null)
        {
            return false;
        }
        else
        {
            // Without brackets, what follows a semicolon is the header field's and a comma or question mark may not stand there
            // (§20.10).
            int end = scanner.Rest.IndexOfAny(SipChars.AddressEnd);
            text = scanner.Rest[..(end < 0 ? scanner.Rest.Length : end)];
            scanner.Advance(text.Length);
            if (scanner.NextIs('?'))
            {
                return false;
            }
        }

        if (!SipUri.TryParse(text, out SipUri? uri) || !SipParameters.TryRead(ref scanner, out SipParameters parameters)
            || (parameters["tag"] is string tag && !SipChars.IsToken(tag)))
        {
            return false;
        }

        address = new(uri, name, parameters);
        return true;
    }

    private static bool TryDisplayName(ref SipScanner scanner, out string? name)
    {
        name = null;
        if (scanner.NextIs('"'))
        {
            bool quoted = scanner.TryQuoted(out name);
            scanner.SkipSpace();
            return quoted;
        }

        int bracket = scanner.Rest.IndexOf('<');
        ReadOnlySpan<char> words = bracket < 0 ? default : scanner.Rest[..bracket].TrimEnd(" \t");
        if (words.IsEmpty || words.ContainsAny(";,:\""))
        {
            // No brackets, or none of this value: what is there is read as a URI.
            return true;
        }

        foreach (Range word in words.SplitAny(' ', '\t'))
        {
            if (!words[word].IsEmpty && !SipChars.IsToken(words[word]))
            {
                return false;
            }
        }

        name = words.ToString();
        scanner.Advance(bracket);
        return true;
    }
}

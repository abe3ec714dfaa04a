using System.Buffers;

namespace Watchword.Kms;

/// <summary>
/// Which identities a KMS keys, as <c>KmsDomainList</c> and operators write it: a host (<c>mc.example.org</c>), all hosts below
/// one (<c>*.example.org</c>), or telephone numbers by their leading digits (<c>tel:+4930</c>; <c>tel:</c> for all). Hosts are
/// compared without regard to case; visual separators of numbers do not count (RFC 3966 §5.1.1).
/// </summary>
public sealed class IdentityDomainPattern
{
    private const string Telephone = "tel:";
    private const int MaxLength = 253;
    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._");
    private static readonly SearchValues<char> Separators = SearchValues.Create("-.()");
    private readonly Shape _shape;
    private readonly string _value;

    private IdentityDomainPattern(Shape shape, string value)
    {
        _shape = shape;
        _value = value;
    }

    private enum Shape
    {
        Number = 0,
        Below = 1,
        Host = 2,
    }

    /// <summary>How narrow the pattern is: of two that match one identity the greater decides.</summary>
    public int Specificity => ((int)_shape * (MaxLength + 1)) + _value.Length;

    /// <summary>True if the pattern is of telephone numbers, false if of hosts.</summary>
    public bool IsOfNumbers => _shape == Shape.Number;

    /// <summary>Reads a pattern; null if it is none.</summary>
    public static IdentityDomainPattern? TryParse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            return null;
        }

        string pattern = text.ToLowerInvariant();
        if (pattern.StartsWith(Telephone, StringComparison.Ordinal))
        {
            string digits = DigitsOf(pattern[Telephone.Length..].TrimEnd('*'));
            bool isNumber = digits.Length == 0 || !digits.AsSpan(digits[0] == '+' ? 1 : 0).ContainsAnyExceptInRange('0', '9');
            return isNumber ? new IdentityDomainPattern(Shape.Number, digits) : null;
        }

        foreach (string scheme in (string[])["sips:", "sip:"])
        {
            pattern = pattern.StartsWith(scheme, StringComparison.Ordinal) ? pattern[scheme.Length..] : pattern;
        }

        bool below = pattern.StartsWith("*.", StringComparison.Ordinal);
        string host = below ? pattern[2..] : pattern;
        return host.Length > 0 && !host.AsSpan().ContainsAnyExcept(HostCharacters)
            && !host.Contains("..", StringComparison.Ordinal)
            && host[0] is not ('.' or '-')
            ? new IdentityDomainPattern(below ? Shape.Below : Shape.Host, host)
            : null;
    }

    /// <summary>True if the identity is one of the pattern's; false also for what is no <c>sip:</c>, <c>sips:</c> or <c>tel:</c>
    /// URI.</summary>
    public bool Matches(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (uri.StartsWith(Telephone, StringComparison.Ordinal))
        {
            return _shape == Shape.Number
                && DigitsOf(uri[Telephone.Length..].Split(';')[0]).StartsWith(_value, StringComparison.Ordinal);
        }

        return _shape != Shape.Number && HostOf(uri) is { } host && Covers(host);
    }

    /// <summary>True if every identity of the other pattern is one of this.</summary>
    public bool Contains(IdentityDomainPattern other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (_shape, other._shape) switch
        {
            (Shape.Number, Shape.Number) => other._value.StartsWith(_value, StringComparison.Ordinal),
            (Shape.Number, _) or (_, Shape.Number) => false,
            (Shape.Below, Shape.Below) => other._value == _value || Covers(other._value),
            (Shape.Host, Shape.Below) => false,
            _ => Covers(other._value),
        };
    }

    /// <summary>The pattern in its one spelling.</summary>
    public override string ToString() => _shape switch
    {
        Shape.Number => Telephone + _value,
        Shape.Below => "*." + _value,
        _ => _value,
    };

    private static string DigitsOf(string number) =>
        string.Concat(number.Where(character => !Separators.Contains(character)));

    /// <summary>Null where parsers disagree which part is the host: such an identity is in no domain.</summary>
    private static string? HostOf(string uri)
    {
        int colon = uri.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || uri[..colon] is not ("sip" or "sips"))
        {
            return null;
        }

        string[] parts = uri[(colon + 1)..].Split('@');
        if (parts.Length > 2)
        {
            return null;
        }

        string host = parts[^1].ToLowerInvariant();
        int end = host.AsSpan().IndexOfAnyExcept(HostCharacters);
        if (end < 0)
        {
            return host.Length > 0 ? host : null;
        }

        return end > 0 && host[end] is ':' or ';' or '?' ? host[..end] : null;
    }

    private bool Covers(string host) => _shape == Shape.Host
        ? host == _value
        : host.Length > _value.Length + 1 && host.EndsWith("." + _value, StringComparison.Ordinal);
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Watchword.Sip;

/// <summary>
/// Walks over the value of a header field (RFC 3261 §25.1). Every method either reads its element and moves on, or gives false
/// and the position is where reading stopped.
/// </summary>
internal ref struct SipScanner(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position == _text.Length;

    public readonly ReadOnlySpan<char> Rest => _text[Position..];

    public void Advance(int count) => Position += count;

    public void SkipSpace()
    {
        while (Position < _text.Length && _text[Position] is ' ' or '\t')
        {
            Position++;
        }
    }

    /// <summary>White space and the end.</summary>
    public bool Ends()
    {
        SkipSpace();
        return AtEnd;
    }

    /// <summary>A separator with white space around it.</summary>
    public bool TrySeparator(char separator)
    {
        int start = Position;
        SkipSpace();
        if (!TryChar(separator))
        {
            Position = start;
            return false;
        }

        SkipSpace();
        return true;
    }

    public bool TryChar(char c)
    {
        if (AtEnd || _text[Position] != c)
        {
            return false;
        }

        Position++;
        return true;
    }

    public readonly bool NextIs(char c) => !AtEnd && _text[Position] == c;

    public bool TryToken(out ReadOnlySpan<char> token) => TryRun(SipChars.Token, out token);

    public bool TryRun(SearchValues<char> set, out ReadOnlySpan<char> run)
    {
        int length = Rest.IndexOfAnyExcept(set);
        run = Rest[..(length < 0 ? Rest.Length : length)];
        Position += run.Length;
        return !run.IsEmpty;
    }

    /// <summary>Everything up to one of <paramref name="stops"/> or the end; not nothing.</summary>
    public bool TryUntil(SearchValues<char> stops, out ReadOnlySpan<char> run)
    {
        int length = Rest.IndexOfAny(stops);
        run = Rest[..(length < 0 ? Rest.Length : length)];
        Position += run.Length;
        return !run.IsEmpty;
    }

    /// <summary>Digits that fit 32 bits.</summary>
    public bool TryNumber(out uint number)
    {
        number = 0;
        return TryRun(SipChars.Digits, out ReadOnlySpan<char> digits)
            && uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A quoted string; <paramref name="content"/> is without quotes and escapes.</summary>
    public bool TryQuoted(out string content)
    {
        content = "";
        if (!TryChar('"'))
        {
            return false;
        }

        StringBuilder text = new();
        while (!AtEnd)
        {
            char c = _text[Position++];
            if (c == '"')
            {
                content = text.ToString();
                return true;
            }

            if (c == '\\')
            {
                // quoted-pair: any character of seven bits but CR and LF, which no value holds.
                if (AtEnd || _text[Position] > '\x7f')
                {
                    return false;
                }

                c = _text[Position++];
            }

            text.Append(c);
        }

        return false;
    }
}

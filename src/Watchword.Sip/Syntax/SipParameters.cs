using System.Collections;
using System.Text;

namespace Watchword.Sip;

/// <summary>One parameter of a header field or a URI.</summary>
/// <param name="Name">The name, as written; names are compared without case.</param>
/// <param name="Value">The value without quotes; null if there is no equals sign.</param>
/// <param name="IsQuoted">Whether the value is written in quotes.</param>
public readonly record struct SipParameter(string Name, string? Value, bool IsQuoted = false);

/// <summary>Parameters in their order (RFC 3261 §7.3.1). Immutable; no name stands there twice.</summary>
public sealed class SipParameters : IReadOnlyList<SipParameter>
{
    private readonly SipParameter[] _items;

    internal SipParameters(SipParameter[] items) => _items = items;

    /// <summary>None.</summary>
    public static SipParameters Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public SipParameter this[int index] => _items[index];

    /// <summary>The value of a parameter: null if it is not there, an empty string if it has no value.</summary>
    public string? this[string name]
    {
        get
        {
            int index = IndexOf(name);
            return index < 0 ? null : _items[index].Value ?? "";
        }
    }

    /// <summary>Whether the parameter is there.</summary>
    public bool Contains(string name) => IndexOf(name) >= 0;

    /// <summary>These with one set: replaced where it is, else at the end.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">The value, quoted when written if it must be; null for none.</param>
    /// <param name="quoted">Whether it is written in quotes in any case.</param>
    /// <exception cref="ArgumentException">The name is no token, or the value holds control characters.</exception>
    public SipParameters With(string name, string? value, bool quoted = false)
    {
        if (!SipChars.IsToken(name) || (value is not null && !SipChars.IsText(value)))
        {
            throw new ArgumentException("A parameter has a token for its name and text for its value.", nameof(name));
        }

        SipParameter parameter = new(name, value, quoted);
        int index = IndexOf(name);
        if (index < 0)
        {
            return new([.. _items, parameter]);
        }

        SipParameter[] items = [.. _items];
        items[index] = parameter;
        return new(items);
    }

    /// <summary>These without one.</summary>
    public SipParameters Without(string name)
    {
        int index = IndexOf(name);
        return index < 0 ? this : new([.. _items[..index], .. _items[(index + 1)..]]);
    }

    /// <inheritdoc/>
    public IEnumerator<SipParameter> GetEnumerator() => ((IEnumerable<SipParameter>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <summary>As they stand behind a value: each with a semicolon before it.</summary>
    public override string ToString() => AppendTo(new StringBuilder()).ToString();

    internal static bool IsRepeated(List<SipParameter> items, ReadOnlySpan<char> name)
    {
        foreach (SipParameter item in items)
        {
            if (name.Equals(item.Name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>generic-param: *( SEMI token [ EQUAL ( token / host / quoted-string ) ] ).</summary>
    internal static bool TryRead(ref SipScanner scanner, out SipParameters parameters)
    {
        parameters = Empty;
        List<SipParameter>? items = null;
        while (scanner.TrySeparator(';'))
        {
            if (!scanner.TryToken(out ReadOnlySpan<char> name) || (items is not null && IsRepeated(items, name)))
            {
                return false;
            }

            string? value = null;
            bool quoted = false;
            if (scanner.TrySeparator('='))
            {
                quoted = scanner.NextIs('"');
                if (quoted ? !scanner.TryQuoted(out value) : !TryPlain(ref scanner, out value))
                {
                    return false;
                }
            }

            (items ??= []).Add(new(name.ToString(), value, quoted));
        }

        if (items is not null)
        {
            parameters = new([.. items]);
        }

        return true;
    }

    internal StringBuilder AppendTo(StringBuilder builder, bool raw = false)
    {
        foreach (SipParameter item in _items)
        {
            builder.Append(';').Append(item.Name);
            if (item.Value is null)
            {
                continue;
            }

            builder.Append('=');
            if (!raw && (item.IsQuoted || item.Value.Length == 0 || item.Value.AsSpan().ContainsAnyExcept(SipChars.PlainValue)))
            {
                builder.AppendQuoted(item.Value);
            }
            else
            {
                builder.Append(item.Value);
            }
        }

        return builder;
    }

    private static bool TryPlain(ref SipScanner scanner, out string? value)
    {
        bool read = scanner.TryRun(SipChars.PlainValue, out ReadOnlySpan<char> plain);
        value = read ? plain.ToString() : null;
        return read;
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _items.Length; i++)
        {
            if (string.Equals(_items[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}

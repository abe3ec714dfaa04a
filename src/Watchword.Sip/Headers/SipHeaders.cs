using System.Collections;

namespace Watchword.Sip;

/// <summary>One header field.</summary>
/// <param name="Name">The name in its canonical form.</param>
/// <param name="Value">The value, unfolded, without white space around it.</param>
public readonly record struct SipHeader(string Name, string Value);

/// <summary>
/// The header fields of a message in their order, unknown ones among them (RFC 3261 §7.3). Names are compared without case and
/// compact forms are the same as long ones. Content-Length is never in it: it follows from the body.
/// </summary>
public sealed partial class SipHeaders : IReadOnlyList<SipHeader>
{
    private readonly List<SipHeader> _fields = [];

    /// <inheritdoc/>
    public int Count => _fields.Count;

    /// <inheritdoc/>
    public SipHeader this[int index] => _fields[index];

    /// <summary>The value of the first field of this name; null if there is none.</summary>
    public string? this[string name]
    {
        get
        {
            int index = IndexOf(name);
            return index < 0 ? null : _fields[index].Value;
        }
    }

    /// <summary>Whether a field of this name is there.</summary>
    public bool Contains(string name) => IndexOf(name) >= 0;

    /// <summary>The values of all fields of this name, in order, not split at commas.</summary>
    public IEnumerable<string> GetAll(string name)
    {
        string canonical = SipHeaderNames.Canonical(name);
        return _fields.Where(f => Same(f.Name, canonical)).Select(f => f.Value);
    }

    /// <summary>Adds a field at the end.</summary>
    /// <exception cref="ArgumentException">
    /// The name is no token, the value holds control characters, or it is Content-Length.
    /// </exception>
    public void Add(string name, string value) => _fields.Add(Check(name, value));

    /// <summary>Adds a field before all others.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Add"/>.</exception>
    public void AddFirst(string name, string value) => _fields.Insert(0, Check(name, value));

    /// <summary>Puts one field in the place of all of this name, where the first of them is or at the end.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Add"/>.</exception>
    public void Set(string name, string value)
    {
        SipHeader field = Check(name, value);
        int index = IndexOf(name);
        Remove(name);
        _fields.Insert(index < 0 ? _fields.Count : index, field);
    }

    /// <summary>Takes all fields of this name away.</summary>
    /// <returns>How many there were.</returns>
    public int Remove(string name)
    {
        string canonical = SipHeaderNames.Canonical(name);
        return _fields.RemoveAll(f => Same(f.Name, canonical));
    }

    /// <inheritdoc/>
    public IEnumerator<SipHeader> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();

    /// <summary>For the reader, which has checked name and value.</summary>
    internal void AddRead(string name, string value) => _fields.Add(new(name, value));

    /// <summary>
    /// Puts another value in the place of the first one of a list, whether they stand in one field or in several.
    /// </summary>
    internal void ReplaceFirstVia(SipVia via)
    {
        IReadOnlyList<SipVia> all = Via;
        int index = IndexOf(SipHeaderNames.Via);
        Remove(SipHeaderNames.Via);
        int at = index;
        _fields.Insert(at++, new(SipHeaderNames.Via, via.ToString()));
        foreach (SipVia other in all.Skip(1))
        {
            _fields.Insert(at++, new(SipHeaderNames.Via, other.ToString()));
        }
    }

    private static SipHeader Check(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        string canonical = SipHeaderNames.Canonical(name);
        if (!SipChars.IsToken(name) || !SipChars.IsText(value) || canonical == SipHeaderNames.ContentLength)
        {
            throw new ArgumentException(
                "A header field has a token for its name and text for its value; the length follows from the body.",
                nameof(name));
        }

        return new(canonical, value.Trim(' ', '\t'));
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private int IndexOf(string name)
    {
        string canonical = SipHeaderNames.Canonical(name);
        return _fields.FindIndex(f => Same(f.Name, canonical));
    }
}

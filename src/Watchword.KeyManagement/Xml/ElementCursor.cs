namespace Watchword.KeyManagement.Xml;

/// <summary>
/// Goes over the children of the element that the reader stands on; the caller reads each child whole before the next.
/// </summary>
internal struct ElementCursor
{
    private readonly AnnexDReader _reader;
    private readonly ElementSet _known;
    private readonly int _depth;
    private readonly bool _empty;
    private ulong _seen;
    private int _current;
    private int[]? _counts;

    public ElementCursor(AnnexDReader reader, ElementSet known)
    {
        _reader = reader;
        _known = known;
        _depth = reader.Depth;
        _empty = reader.IsEmptyElement;
        _current = -1;
    }

    public readonly string Current => _known[_current];

    /// <summary>Moves to the next known child; false when the container has ended.</summary>
    public bool MoveNext()
    {
        if (_current >= 0)
        {
            _reader.Pop();
            _current = -1;
        }

        int next = _empty ? -1 : _reader.NextChild(_known, _depth);
        if (next < 0)
        {
            return false;
        }

        bool again = (_seen & (1UL << next)) != 0;
        if (again && !_known.Repeats(next))
        {
            throw _reader.Fail(_known[next], KeyManagementFormatFault.DuplicateElement);
        }

        _seen |= 1UL << next;
        _current = next;
        _reader.Push(_known.Repeats(next) ? $"{_known[next]}[{CountOf(next)}]" : _known[next]);
        return true;
    }

    /// <summary>After the last child: refuses the container if one of these did not stand in it.</summary>
    public readonly void Require(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if ((_seen & (1UL << _known.IndexOf(name))) == 0)
            {
                throw _reader.Fail(name, KeyManagementFormatFault.MissingElement);
            }
        }
    }

    /// <summary>The how-manieth of its name the element is, from 1.</summary>
    private int CountOf(int index)
    {
        _counts ??= new int[_known.Count];
        return ++_counts[index];
    }
}

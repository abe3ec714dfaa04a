namespace Watchword.KeyManagement.Xml;

/// <summary>
/// The child elements that one place of a document knows. A name ending in <c>*</c> may stand more than once; one with a prefix
/// (<c>ds:</c>, <c>xenc:</c>, <c>w:</c>) is of that namespace, the others are of the namespace of the set.
/// </summary>
internal sealed class ElementSet
{
    private readonly string[] _names;
    private readonly string[] _localNames;
    private readonly string[] _namespaces;
    private readonly ulong _repeatable;
    private readonly bool _open;

    /// <summary>Elements of Annex D.</summary>
    public ElementSet(params string[] names)
        : this(names, AnnexDNames.Kms, open: false)
    {
    }

    private ElementSet(string[] names, string ownNamespace, bool open)
    {
        _open = open;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(names.Length, 64);
        _names = new string[names.Length];
        _localNames = new string[names.Length];
        _namespaces = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            bool repeats = names[i].EndsWith('*');
            _names[i] = repeats ? names[i][..^1] : names[i];
            _repeatable |= repeats ? 1UL << i : 0;
            int colon = _names[i].IndexOf(':', StringComparison.Ordinal);
            _localNames[i] = _names[i][(colon + 1)..];
            _namespaces[i] = colon < 0 ? ownNamespace : AnnexDNames.OfPrefix(_names[i][..colon]);
        }
    }

    /// <summary>True if elements of the namespace of Annex D that the set does not name may stand there.</summary>
    public bool IsOpen => _open;

    public int Count => _names.Length;

    public string this[int index] => _names[index];

    /// <summary>Elements of another namespace.</summary>
    public static ElementSet Of(string ownNamespace, params string[] names) =>
        new(names, ownNamespace, open: false);

    /// <summary>Elements of Annex D in a place whose content is not known in full: others of its namespace are passed over.</summary>
    public static ElementSet Open(params string[] names) => new(names, AnnexDNames.Kms, open: true);

    /// <summary>
    /// Which element it is, or -1. <paramref name="ours"/>: the namespace passes for the one of Annex D, as lenient reading wants.
    /// </summary>
    public int IndexOf(string localName, string namespaceUri, bool ours)
    {
        for (int i = 0; i < _localNames.Length; i++)
        {
            if (_localNames[i] == localName
                && ((ours && ReferenceEquals(_namespaces[i], AnnexDNames.Kms)) || _namespaces[i] == namespaceUri))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of a name as the set was given it.</summary>
    public int IndexOf(string name) => Array.IndexOf(_names, name);

    public bool Repeats(int index) => (_repeatable & (1UL << index)) != 0;
}

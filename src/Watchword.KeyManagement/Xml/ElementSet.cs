namespace Watchword.KeyManagement.Xml;

/// <summary>The child elements that one place of Annex D knows. A name ending in <c>*</c> may stand more than once.</summary>
internal sealed class ElementSet
{
    private readonly string[] _names;
    private readonly ulong _repeatable;

    public ElementSet(params string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(names.Length, 64);
        _names = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            bool repeats = names[i].EndsWith('*');
            _names[i] = repeats ? names[i][..^1] : names[i];
            _repeatable |= repeats ? 1UL << i : 0;
        }
    }

    public int Count => _names.Length;

    public string this[int index] => _names[index];

    public int IndexOf(string localName) => Array.IndexOf(_names, localName);

    public bool Repeats(int index) => (_repeatable & (1UL << index)) != 0;
}

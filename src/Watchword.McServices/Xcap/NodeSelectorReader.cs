using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Xcap;

/// <summary>Reads node selectors by the grammar of RFC 4825 §6.3; percent-encoding is undone before.</summary>
internal ref struct NodeSelectorReader
{
    private readonly string _text;
    private readonly IReadOnlyDictionary<string, string> _bindings;
    private int _at;

    private NodeSelectorReader(string text, IReadOnlyDictionary<string, string> bindings)
    {
        _text = text;
        _bindings = bindings;
    }

    public static bool TryRead(
        string text, IReadOnlyDictionary<string, string> bindings, [NotNullWhen(true)] out NodeSelector? selector)
    {
        NodeSelectorReader reader = new(text, bindings);
        return reader.TryRead(out selector);
    }

    private bool TryRead(out NodeSelector? selector)
    {
        selector = null;
        List<NodeStep> steps = [];
        do
        {
            if (steps.Count > 0 && TryTerminal(out NodeTerminal terminal, out NodeName? attribute, out bool isTerminal)
                && isTerminal)
            {
                selector = new NodeSelector(steps, terminal, attribute, _bindings);
                return true;
            }

            if (steps.Count >= NodeSelector.MaximumSteps || !TryStep(out NodeStep? step))
            {
                return false;
            }

            steps.Add(step);
        }
        while (Take('/'));

        if (_at != _text.Length)
        {
            return false;
        }

        selector = new NodeSelector(steps, NodeTerminal.Element, null, _bindings);
        return true;
    }

    /// <summary>The last part, if it is one for an attribute or namespaces.</summary>
    private bool TryTerminal(out NodeTerminal terminal, out NodeName? attribute, out bool isTerminal)
    {
        attribute = null;
        isTerminal = false;
        terminal = NodeTerminal.Namespaces;
        if (_text.AsSpan(_at) is "namespace::*")
        {
            isTerminal = true;
            return true;
        }

        if (!Take('@'))
        {
            return true;
        }

        terminal = NodeTerminal.Attribute;
        isTerminal = TryName(out attribute) && _at == _text.Length;
        return isTerminal;
    }

    private bool TryStep([NotNullWhen(true)] out NodeStep? step)
    {
        step = null;
        NodeName? name = null;
        if (!Take('*') && !TryName(out name))
        {
            return false;
        }

        int? position = null;
        NodeAttributeTest? test = null;
        while (Take('['))
        {
            // A position stands before the test of an attribute, each once.
            if (test is not null)
            {
                return false;
            }

            if (Take('@'))
            {
                if (!TryTest(out test))
                {
                    return false;
                }
            }
            else if (position is not null || !TryPosition(out position))
            {
                return false;
            }

            if (!Take(']'))
            {
                return false;
            }
        }

        step = new NodeStep(name, position, test);
        return true;
    }

    private bool TryPosition(out int? position)
    {
        int from = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        bool read = int.TryParse(_text.AsSpan(from, _at - from), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number > 0 && _text[from] != '0';
        position = number;
        return read;
    }

    private bool TryTest([NotNullWhen(true)] out NodeAttributeTest? test)
    {
        test = null;
        if (!TryName(out NodeName? name) || !Take('=') || _at >= _text.Length || _text[_at] is not ('"' or '\''))
        {
            return false;
        }

        int end = _text.IndexOf(_text[_at], _at + 1);
        if (end < 0 || !AttributeText.TryRead(_text[(_at + 1)..end], out string? value))
        {
            return false;
        }

        _at = end + 1;
        test = new NodeAttributeTest(name, value);
        return true;
    }

    private bool TryName([NotNullWhen(true)] out NodeName? name)
    {
        name = null;
        int from = _at;
        while (_at < _text.Length && _text[_at] is not ('/' or '[' or ']' or '=' or '@' or '*' or '"' or '\''))
        {
            _at++;
        }

        string[] parts = _text[from.._at].Split(':');
        if (parts.Length > 2 || !parts.All(XmlnsBindings.IsNcName) || parts[0] == "xmlns")
        {
            return false;
        }

        if (parts.Length == 1)
        {
            name = new NodeName(string.Empty, parts[0], null);
            return true;
        }

        string? ns = parts[0] == "xml" ? Names.XmlPrefixed : _bindings.GetValueOrDefault(parts[0]);
        name = ns is null ? null : new NodeName(parts[0], parts[1], ns);
        return name is not null;
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }
}

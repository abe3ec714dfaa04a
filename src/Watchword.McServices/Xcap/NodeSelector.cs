using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Watchword.McServices.Xcap;

/// <summary>
/// Which node of a document an XCAP URI is about (RFC 4825 §6.3): the subset of XPath that it allows, and nothing else.
/// </summary>
public sealed class NodeSelector
{
    /// <summary>The most steps.</summary>
    public const int MaximumSteps = 64;

    private readonly IReadOnlyDictionary<string, string> _bindings;

    internal NodeSelector(
        IReadOnlyList<NodeStep> steps, NodeTerminal terminal, NodeName? attribute, IReadOnlyDictionary<string, string> bindings)
    {
        Steps = steps;
        Terminal = terminal;
        Attribute = attribute;
        _bindings = bindings;
    }

    /// <summary>The steps of the element selector, from the root element; at least one.</summary>
    public IReadOnlyList<NodeStep> Steps { get; }

    /// <summary>What is selected of the element.</summary>
    public NodeTerminal Terminal { get; }

    /// <summary>The attribute, with <see cref="NodeTerminal.Attribute"/>.</summary>
    public NodeName? Attribute { get; }

    /// <summary>Reads a node selector and the namespace bindings of the query.</summary>
    /// <param name="path">What follows <c>~~/</c>, percent-encoded.</param>
    /// <param name="query">The query without its question mark, percent-encoded; empty for none.</param>
    /// <param name="selector">The selector.</param>
    public static bool TryParse(string path, string query, [NotNullWhen(true)] out NodeSelector? selector)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(query);
        selector = null;
        return XcapText.TryDecode(path, out string? decodedPath)
            && XcapText.TryDecode(query, out string? decodedQuery)
            && XmlnsBindings.TryParse(decodedQuery, out Dictionary<string, string>? bindings)
            && NodeSelectorReader.TryRead(decodedPath, bindings, out selector);
    }

    /// <summary>The selector of an ancestor: the first <paramref name="steps"/> steps, as an element.</summary>
    public NodeSelector Ancestor(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, Steps.Count);
        return new NodeSelector([.. Steps.Take(steps)], NodeTerminal.Element, null, _bindings);
    }

    /// <summary>Path and query, percent-encoded.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (NodeStep step in Steps)
        {
            text.Append(text.Length == 0 ? "" : "/").Append(XcapText.Encode(Write(step)));
        }

        text.Append(Terminal switch
        {
            NodeTerminal.Attribute => "/@" + XcapText.Encode(Attribute!.ToString()),
            NodeTerminal.Namespaces => "/namespace::*",
            _ => "",
        });
        if (_bindings.Count > 0)
        {
            text.Append('?').AppendJoin(
                "", _bindings.Select(
                    binding => $"xmlns({XcapText.Encode(binding.Key)}={XcapText.Encode(XmlnsBindings.Escape(binding.Value))})"));
        }

        return text.ToString();
    }

    private static string Write(NodeStep step)
    {
        string name = step.Name?.ToString() ?? "*";
        string position = step.Position is { } number ? $"[{number.ToString(CultureInfo.InvariantCulture)}]" : "";
        string attribute = step.Attribute is { } test ? $"[@{test.Name}=\"{AttributeText.Escape(test.Value)}\"]" : "";
        return name + position + attribute;
    }
}

namespace Watchword.McServices.Xcap;

/// <summary>A qualified name in a selector, its prefix resolved.</summary>
/// <param name="Prefix">The prefix; empty for none.</param>
/// <param name="LocalName">The name.</param>
/// <param name="Namespace">
/// What the prefix stands for; null for a name without prefix: the default namespace of the document for elements, none for
/// attributes.
/// </param>
public sealed record NodeName(string Prefix, string LocalName, string? Namespace)
{
    /// <summary>The name as it is written.</summary>
    public override string ToString() => Prefix.Length == 0 ? LocalName : $"{Prefix}:{LocalName}";
}

/// <summary>A test of an attribute in a step.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Value">The value that it has, references resolved.</param>
public sealed record NodeAttributeTest(NodeName Name, string Value);

/// <summary>One step of an element selector (RFC 4825 §6.3).</summary>
/// <param name="Name">The name of the element; null for any (<c>*</c>).</param>
/// <param name="Position">The position among the siblings of that name, from 1; null for none.</param>
/// <param name="Attribute">The test of an attribute; null for none.</param>
public sealed record NodeStep(NodeName? Name, int? Position = null, NodeAttributeTest? Attribute = null);

/// <summary>What the last part of a node selector selects.</summary>
public enum NodeTerminal
{
    /// <summary>The element.</summary>
    Element = 0,

    /// <summary>An attribute of the element.</summary>
    Attribute = 1,

    /// <summary>The namespace bindings in scope at the element.</summary>
    Namespaces = 2,
}

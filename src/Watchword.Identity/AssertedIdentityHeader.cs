using System.Diagnostics.CodeAnalysis;

namespace Watchword.Identity;

/// <summary>
/// <c>X-3GPP-Asserted-Identity</c>: a list of quoted strings (TS 24.109), of which a server authenticates exactly one. Nothing
/// is unescaped: no identity that can be keyed has a quotation mark or a backslash.
/// </summary>
public static class AssertedIdentityHeader
{
    /// <summary>Name of the header.</summary>
    public const string Name = "X-3GPP-Asserted-Identity";

    /// <summary>Reads the one identity of the header.</summary>
    /// <param name="values">The header's lines in a request.</param>
    /// <param name="identity">The URI, without its quotation marks.</param>
    /// <returns>False if the header stands there more than once, holds several identities, or one that is not quoted or
    /// cannot be keyed.</returns>
    public static bool TryRead(IReadOnlyList<string?> values, [NotNullWhen(true)] out string? identity)
    {
        ArgumentNullException.ThrowIfNull(values);
        identity = null;
        if (values.Count != 1)
        {
            return false;
        }

        ReadOnlySpan<char> value = values[0].AsSpan().Trim(" \t");
        if (value is not ['"', .. var quoted, '"'] || !McServiceId.IsValid(quoted.ToString()))
        {
            return false;
        }

        identity = quoted.ToString();
        return true;
    }
}

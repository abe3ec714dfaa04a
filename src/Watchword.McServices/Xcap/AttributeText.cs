using System.Diagnostics.CodeAnalysis;
using System.Xml;

namespace Watchword.McServices.Xcap;

/// <summary>Values of attributes as they are written in XML, without their quotation marks (AttValue of XML 1.0).</summary>
internal static class AttributeText
{
    /// <summary>The value as it is written between double quotation marks.</summary>
    public static string Escape(string value) => value.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal)
        .Replace("\t", "&#9;", StringComparison.Ordinal).Replace("\n", "&#10;", StringComparison.Ordinal)
        .Replace("\r", "&#13;", StringComparison.Ordinal);

    /// <summary>
    /// The value that a text stands for, its references resolved and white space normalised; false if it is none.
    /// </summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (text.Contains('<', StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            using XmlReader reader = XmlReader.Create(
                new StringReader($"<a v=\"{text.Replace("\"", "&quot;", StringComparison.Ordinal)}\"/>"),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CloseInput = true });
            value = reader.Read() && reader.AttributeCount == 1 ? reader.GetAttribute("v") : null;
            return value is not null;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}

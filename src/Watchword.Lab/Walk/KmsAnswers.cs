using System.Xml;
using System.Xml.Linq;

namespace Watchword.Lab.Walk;

/// <summary>Reads the number of a <c>KmsError</c> in an answer that the library was not asked to fetch.</summary>
internal static class KmsAnswers
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The <c>ErrorCode</c> (TS 33.180 D.3.1); null where the answer holds none.</summary>
    public static string? ErrorCode(string body)
    {
        using StringReader text = new(body);
        using XmlReader reader = XmlReader.Create(text, Settings);
        return XDocument.Load(reader).Descendants().FirstOrDefault(element => element.Name.LocalName == "ErrorCode")?.Value;
    }

    /// <summary>True where an answer carries any key set.</summary>
    public static bool HasKeySet(string body) => body.Contains("KmsKeySet", StringComparison.Ordinal);
}

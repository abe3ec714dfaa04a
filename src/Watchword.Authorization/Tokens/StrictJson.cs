using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Watchword.Authorization.Tokens;

/// <summary>
/// JSON in which every member counts once (RFC 7519 §4: a repeated claim may be refused; parsers disagree on which one wins,
/// and that disagreement is what forgers use).
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions Tolerant = new() { AllowDuplicateProperties = true, MaxDepth = MaxDepth };

    /// <summary>Parses one JSON object.</summary>
    /// <param name="utf8">The octets, without byte order mark.</param>
    /// <param name="document">The document on success; the caller disposes it.</param>
    /// <param name="repeated">True if the only fault is a repeated member.</param>
    public static bool TryParseObject(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, out bool repeated)
    {
        document = null;
        repeated = false;
        if (!Utf8.IsValid(utf8.Span))
        {
            return false;
        }

        if (TryParse(utf8, Strict, out document))
        {
            return true;
        }

        if (TryParse(utf8, Tolerant, out JsonDocument? ambiguous))
        {
            ambiguous.Dispose();
            repeated = true;
        }

        return false;
    }

    /// <summary>The string value of a member; false if it is missing, of another type, or has no UTF-8 form (lone surrogate).</summary>
    public static bool TryGetString(JsonElement parent, string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return parent.TryGetProperty(name, out JsonElement element) && TryGetString(element, out value);
    }

    /// <summary>The string value of an element; false if it is of another type or has no UTF-8 form.</summary>
    public static bool TryGetString(JsonElement element, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            value = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // A \uD800 without its partner cannot be transcoded.
            return false;
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> utf8, JsonDocumentOptions options, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            JsonDocument parsed = JsonDocument.Parse(utf8, options);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
            {
                document = parsed;
                return true;
            }

            parsed.Dispose();
            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a member name with a lone surrogate, met while looking for repeats.
            return false;
        }
    }
}

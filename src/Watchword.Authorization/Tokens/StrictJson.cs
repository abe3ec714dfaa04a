using System.Diagnostics.CodeAnalysis;
using System.Text;
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
    private const int MaxNameLength = 1024;

    /// <summary>Last second that <see cref="DateTimeOffset"/> can hold.</summary>
    private const double LastSecond = 253402300799;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions Tolerant = new() { AllowDuplicateProperties = true, MaxDepth = MaxDepth };

    /// <summary>Parses one JSON object.</summary>
    /// <param name="utf8">The octets, without byte order mark.</param>
    /// <param name="document">The document on success; the caller disposes it.</param>
    /// <param name="repeated">True if the only fault is a repeated member.</param>
    public static bool TryParseObject(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, out bool repeated)
    {
        document = null;
        repeated = false;
        if (!Utf8.IsValid(utf8.Span))
        {
            return false;
        }

        try
        {
            return TryParse(utf8, Strict, out document);
        }
        catch (JsonException)
        {
            repeated = IsWellFormed(utf8);
            return false;
        }
        catch (InvalidOperationException)
        {
            // A member name with a lone surrogate, met while looking for repeats: it has no UTF-8 form.
            return false;
        }
    }

    /// <summary>The string value of a member; false if it is missing, of another type, or has no UTF-8 form (lone
    /// surrogate).</summary>
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

    /// <summary>The time of a member: null if it is missing, false if it is no NumericDate.</summary>
    public static bool TryGetTime(JsonElement parent, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!parent.TryGetProperty(name, out JsonElement element))
        {
            return true;
        }

        bool read = TryGetTime(element, out DateTimeOffset value);
        time = read ? value : null;
        return read;
    }

    /// <summary>A NumericDate (RFC 7519 §2) may have a fraction; a string never is one (peers that send strings exist).</summary>
    public static bool TryGetTime(JsonElement element, out DateTimeOffset time)
    {
        time = default;
        if (element.ValueKind != JsonValueKind.Number
            || !element.TryGetDouble(out double seconds)
            || seconds is not (>= 0 and <= LastSecond))
        {
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>The name in a member: null if it is missing, false if it is no name.</summary>
    public static bool TryGetName(JsonElement parent, string name, out string? value)
    {
        value = null;
        return !parent.TryGetProperty(name, out JsonElement element) || (TryGetString(element, out value) && IsName(value));
    }

    /// <summary>What goes into audit records is printable and of bounded length.</summary>
    public static bool IsName(string value) =>
        value.Length is > 0 and <= MaxNameLength && !value.EnumerateRunes().Any(Rune.IsControl);

    /// <summary>A string, or an array of at least one string.</summary>
    public static bool TryGetStrings(JsonElement element, out List<string> values)
    {
        values = [];
        if (element.ValueKind != JsonValueKind.Array)
        {
            bool single = TryGetString(element, out string? value);
            values.AddRange(single ? [value!] : []);
            return single;
        }

        foreach (JsonElement item in element.EnumerateArray())
        {
            if (!TryGetString(item, out string? value))
            {
                return false;
            }

            values.Add(value);
        }

        return values.Count > 0;
    }

    private static bool TryParse(
        ReadOnlyMemory<byte> utf8, JsonDocumentOptions options, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = JsonDocument.Parse(utf8, options);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        document.Dispose();
        document = null;
        return false;
    }

    private static bool IsWellFormed(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            bool isObject = TryParse(utf8, Tolerant, out JsonDocument? document);
            document?.Dispose();
            return isObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

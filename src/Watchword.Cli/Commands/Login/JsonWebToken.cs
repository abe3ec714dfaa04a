using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Watchword.Cli.Commands.Login;

/// <summary>Shows what is in a token. Display only: nothing here validates, and nothing is decided on it.</summary>
internal static class JsonWebToken
{
    private static readonly string[] Times = ["exp", "iat", "nbf", "auth_time"];

    /// <summary>The claims of a JWS (RFC 7515 §7.1), or null if the token is of another form.</summary>
    public static JsonObject? Claims(string token)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }

        try
        {
            JsonDocumentOptions options = new() { MaxDepth = 16 };
            return JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]), documentOptions: options) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A claim as people read it: seconds since 1970 also as a time.</summary>
    public static (string Name, string? Value) Human(KeyValuePair<string, JsonNode?> claim)
    {
        string value = claim.Value is JsonValue text && text.GetValueKind() == JsonValueKind.String
            ? text.GetValue<string>()
            : claim.Value?.ToJsonString() ?? "null";
        bool isTime = Times.Contains(claim.Key, StringComparer.Ordinal)
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return (claim.Key, isTime
            ? $"{value} ({Printable.Time(DateTimeOffset.FromUnixTimeSeconds(long.Parse(value, CultureInfo.InvariantCulture)))})"
            : value);
    }
}

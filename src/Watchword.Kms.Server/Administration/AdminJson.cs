using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Kms.Server.Administration;

/// <summary>How bodies of the admin API are read and written: camel case, nothing unknown, nothing null.</summary>
internal static class AdminJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectRequiredConstructorParameters = true;
        options.RespectNullableAnnotations = true;
        options.AllowDuplicateProperties = false;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }

    /// <summary>The name of a value as bodies have it.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The value of a name.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.MalformedHttp"/>.</exception>
    public static T Parse<T>(string text, string member)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (NameOf(value) == text)
            {
                return value;
            }
        }

        throw new KmsException(
            KmsError.MalformedHttp, $"{member} is none of {string.Join(", ", Enum.GetValues<T>().Select(NameOf))}");
    }

    private static JsonSerializerOptions Make()
    {
        JsonSerializerOptions options = new();
        Configure(options);
        return options;
    }
}

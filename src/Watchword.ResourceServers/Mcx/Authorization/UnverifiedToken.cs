using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Watchword.Identity;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>Reads what a token claims before it is judged: only to guess whom a message hides, which the signature then
/// confirms.</summary>
internal static class UnverifiedToken
{
    private const int MaxLength = 16 * 1024;

    /// <summary>The MC service ID that the token claims for a service; null if it is no token or claims none.</summary>
    public static string? ServiceIdOf(string token, McServiceKind kind)
    {
        string[] segments = token.Length <= MaxLength ? token.Split('.') : [];
        if (segments.Length != 3 || !Base64Url.IsValid(segments[1]))
        {
            return null;
        }

        try
        {
            using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(segments[1]));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty(McClaims.For(ServiceKinds.ToIdentity(kind)), out JsonElement claim)
                && claim.ValueKind == JsonValueKind.String
                    ? claim.GetString()
                    : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or DecoderFallbackException)
        {
            return null;
        }
    }
}

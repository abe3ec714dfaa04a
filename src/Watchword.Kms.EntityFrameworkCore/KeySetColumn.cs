using System.Text.Encodings.Web;
using System.Text.Json;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The key sets of an audit record as one column: a JSON array with an array of four strings for each, the octets in
/// base64. Null for none.</summary>
internal static class KeySetColumn
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What no record was ever hashed with: the chain finds it.
    private static readonly AuditKeySet[] Damaged = [new(string.Empty, string.Empty, default, default)];

    public static string? Write(IReadOnlyList<AuditKeySet> keySets) => keySets.Count == 0
        ? null
        : JsonSerializer.Serialize(
            keySets.Select(keySet => new[]
            {
                keySet.UserUri, keySet.Service, Convert.ToBase64String(keySet.UserId.Span),
                Convert.ToBase64String(keySet.PublicTokenHash.Span),
            }),
            Options);

    public static IReadOnlyList<AuditKeySet> Read(string? column)
    {
        if (column is null)
        {
            return [];
        }

        try
        {
            AuditKeySet[] keySets = [.. JsonSerializer.Deserialize<string[][]>(column)!.Select(fields => new AuditKeySet(
                fields[0], fields[1], Convert.FromBase64String(fields[2]), Convert.FromBase64String(fields[3])))];
            return Write(keySets) == column ? keySets : Damaged;
        }
        catch (Exception fault) when (
            fault is JsonException or FormatException or NullReferenceException or IndexOutOfRangeException or ArgumentException)
        {
            return Damaged;
        }
    }
}

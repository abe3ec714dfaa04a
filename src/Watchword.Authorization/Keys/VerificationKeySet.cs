using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization.Keys;

/// <summary>The usable keys of a JWK set (RFC 7517 §5), by <c>kid</c>. Immutable.</summary>
internal sealed class VerificationKeySet
{
    private readonly FrozenDictionary<string, VerificationKey> _keys;

    private VerificationKeySet(FrozenDictionary<string, VerificationKey> keys) => _keys = keys;

    public int Count => _keys.Count;

    /// <summary>
    /// Reads a set. Keys that cannot verify a token here are left out (RFC 7517 §5), and so are those that share a <c>kid</c>:
    /// which one is meant would be a guess.
    /// </summary>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out VerificationKeySet? set)
    {
        set = null;
        if (!StrictJson.TryParseObject(utf8, out JsonDocument? document, out _))
        {
            return false;
        }

        using (document)
        {
            if (!document.RootElement.TryGetProperty("keys", out JsonElement keys) || keys.ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            List<VerificationKey> usable = [];
            foreach (JsonElement jwk in keys.EnumerateArray())
            {
                if (VerificationKey.TryImport(jwk, out VerificationKey? key))
                {
                    usable.Add(key);
                }
            }

            set = new VerificationKeySet(usable
                .GroupBy(key => key.KeyId, StringComparer.Ordinal)
                .Where(group => group.Count() == 1)
                .ToFrozenDictionary(group => group.Key, group => group.Single(), StringComparer.Ordinal));
            return true;
        }
    }

    public bool TryGet(string keyId, [NotNullWhen(true)] out VerificationKey? key) => _keys.TryGetValue(keyId, out key);
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Kms;

/// <summary>
/// The layout of a custody document, <c>watchword-custody-2</c>: secrets under a random data key of the document's own, and the
/// data key under a key-encryption key. Re-wrapping changes <see cref="Key"/> and <see cref="WrappedKey"/> and nothing else.
/// </summary>
internal sealed record CustodyEnvelope
{
    public const string FormatName = "watchword-custody-2";

    private const int MaxWrappedOctets = 1024;
    private const int MaxSecrets = 8;

    public required string Format { get; init; }

    public required string Kind { get; init; }

    public required string KmsUri { get; init; }

    public required int Generation { get; init; }

    public string? Purpose { get; init; }

    public required KeyEncryptionKeyParameters Key { get; init; }

    public required byte[] WrappedKey { get; init; }

    public required IReadOnlyDictionary<string, SealedSecret> Secrets { get; init; }

    [JsonIgnore]
    public CustodyPlace Place => new(KindOf(Kind), KmsUri, Generation, Purpose);

    public static string NameOf(CustodyKind kind) => kind switch
    {
        CustodyKind.MasterSecrets => "master-secrets",
        CustodyKind.SealingKey => "sealing-key",
        CustodyKind.AuditSigningKey => "audit-signing-key",
        CustodyKind.RecoveryKey => "recovery-key",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static CustodyEnvelope Wrap(
        CustodyPlace place, CustodySecret dataKey, IReadOnlyDictionary<string, SealedSecret> secrets,
        IKeyEncryptionKey key) => new()
    {
        Format = FormatName,
        Kind = NameOf(place.Kind),
        KmsUri = place.KmsUri,
        Generation = place.Generation,
        Purpose = place.Purpose,
        Key = key.Parameters,
        WrappedKey = key.Wrap(dataKey.Span, place.AssociatedData(string.Empty)),
        Secrets = secrets,
    };

    /// <summary>The same document under another key.</summary>
    public CustodyEnvelope Rewrap(CustodySecret dataKey, IKeyEncryptionKey key) => Wrap(Place, dataKey, Secrets, key);

    /// <exception cref="KmsException"><see cref="KmsError.CustodyNotOpened"/>.</exception>
    public CustodySecret Unwrap(IKeyEncryptionKey key)
    {
        Span<byte> dataKey = stackalloc byte[LocalKeyEncryptionKey.SizeInBytes];
        try
        {
            key.Unwrap(WrappedKey, Place.AssociatedData(string.Empty), dataKey);
            return new CustodySecret(dataKey);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, CustodyJson.Default.CustodyEnvelope);

    /// <summary>Reads the second format.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyMalformed"/>.</exception>
    public static CustodyEnvelope Read(ReadOnlySpan<byte> content, string name)
    {
        try
        {
            return JsonSerializer.Deserialize(content, CustodyJson.Default.CustodyEnvelope) is { IsValid: true } envelope
                ? envelope
                : throw new KmsException(KmsError.CustodyMalformed, name);
        }
        catch (JsonException fault)
        {
            throw new KmsException(KmsError.CustodyMalformed, name, fault);
        }
    }

    private static CustodyKind KindOf(string name) =>
        Enum.GetValues<CustodyKind>().Cast<CustodyKind?>().FirstOrDefault(kind => NameOf(kind!.Value) == name)
            ?? (CustodyKind)(-1);

    private bool IsValid =>
        Format == FormatName
        && Place.IsValid
        && Key is { IsValid: true, KeyId: not null }
        && WrappedKey is { Length: > 0 and <= MaxWrappedOctets }
        && Secrets is { Count: <= MaxSecrets }
        && Secrets.Values.All(secret => secret is { Ciphertext: not null } && secret.Fits(secret.Ciphertext.Length));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CustodyEnvelope))]
[JsonSerializable(typeof(FirstFormatDocument))]
internal sealed partial class CustodyJson : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Kms;

/// <summary>
/// Custody in files, one per generation, of mode 0600: the three secrets under AES-256-GCM with a key-encryption key that comes
/// from elsewhere. Nothing is ever on the disk in clear. A file is written whole or not at all and never changed.
/// </summary>
public sealed class WrappedFileCustody : IMasterSecretCustody
{
    private const int MaxFileOctets = 64 * 1024;

    private readonly string _directory;
    private readonly KeyEncryptionKeySource _source;

    /// <summary>Keeps files in <paramref name="directory"/>, which must exist.</summary>
    public WrappedFileCustody(string directory, KeyEncryptionKeySource source)
    {
        _directory = directory;
        _source = source;
    }

    /// <inheritdoc/>
    public void Store(string kmsUri, int generation, MasterSecrets secrets)
    {
        string path = PathOf(kmsUri, generation);
        if (File.Exists(path))
        {
            throw new KmsException(KmsError.CustodyWithoutDomain, path);
        }

        using KeyEncryptionKey key = _source.CreateKey();
        CustodyFile file = CustodyFile.From(SealedMasterSecrets.Seal(secrets, key, kmsUri, generation));
        GuardedFile.WriteNew(path, JsonSerializer.SerializeToUtf8Bytes(file, CustodyJson.Default.CustodyFile));
    }

    /// <inheritdoc/>
    public MasterSecrets Open(string kmsUri, int generation)
    {
        SealedMasterSecrets kept = Read(PathOf(kmsUri, generation));
        if (!string.Equals(kept.KmsUri, kmsUri, StringComparison.Ordinal) || kept.Generation != generation)
        {
            throw new KmsException(KmsError.CustodyNotOpened, "the file is of another domain or generation");
        }

        using KeyEncryptionKey key = _source.OpenKey(kept.Derivation);
        return kept.Open(key, kmsUri, generation);
    }

    /// <summary>The file of a generation. The name carries a hash of the KMS URI, which may hold any character.</summary>
    public string PathOf(string kmsUri, int generation)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(kmsUri)).AsSpan(0, 8));
        return Path.Combine(_directory, $"custody-{hash}-{generation}.json");
    }

    private static SealedMasterSecrets Read(string path)
    {
        byte[] content = GuardedFile.Read(path, MaxFileOctets);
        try
        {
            return JsonSerializer.Deserialize(content, CustodyJson.Default.CustodyFile)?.ToSealed()
                ?? throw new KmsException(KmsError.CustodyMalformed, path);
        }
        catch (JsonException fault)
        {
            throw new KmsException(KmsError.CustodyMalformed, path, fault);
        }
    }
}

/// <summary>The layout of a custody file.</summary>
internal sealed record CustodyFile
{
    public const string Format = "watchword-custody-1";

    [JsonPropertyName("format")]
    public required string FormatName { get; init; }

    public required string KmsUri { get; init; }

    public required int Generation { get; init; }

    public required string KeyDerivation { get; init; }

    public byte[]? Salt { get; init; }

    public int? Iterations { get; init; }

    public required SealedSecret EccsiMasterKey { get; init; }

    public required SealedSecret SakkeMasterKey { get; init; }

    public required SealedSecret EccsiDerivationKey { get; init; }

    public static CustodyFile From(SealedMasterSecrets kept) => new()
    {
        FormatName = Format,
        KmsUri = kept.KmsUri,
        Generation = kept.Generation,
        KeyDerivation = kept.Derivation.Kind,
        Salt = kept.Derivation.Salt,
        Iterations = kept.Derivation.Iterations,
        EccsiMasterKey = kept.EccsiMasterKey,
        SakkeMasterKey = kept.SakkeMasterKey,
        EccsiDerivationKey = kept.EccsiDerivationKey,
    };

    /// <summary>Null unless every length is right: a shortened tag would weaken the wrapping.</summary>
    public SealedMasterSecrets? ToSealed()
    {
        KeyDerivation derivation = new(KeyDerivation, Salt, Iterations);
        return FormatName == Format
            && derivation.IsValid
            && Fits(EccsiMasterKey, Cryptography.EccsiMasterKey.SizeInBytes)
            && Fits(SakkeMasterKey, Cryptography.SakkeMasterKey.SizeInBytes)
            && Fits(EccsiDerivationKey, Cryptography.EccsiDerivationKey.SizeInBytes)
                ? new SealedMasterSecrets(KmsUri, Generation, derivation, EccsiMasterKey, SakkeMasterKey, EccsiDerivationKey)
                : null;
    }

    private static bool Fits(SealedSecret? secret, int size) =>
        secret?.Nonce?.Length == Kms.KeyEncryptionKey.NonceSizeInBytes
        && secret.Ciphertext?.Length == size
        && secret.Tag?.Length == Kms.KeyEncryptionKey.TagSizeInBytes;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CustodyFile))]
internal sealed partial class CustodyJson : JsonSerializerContext;

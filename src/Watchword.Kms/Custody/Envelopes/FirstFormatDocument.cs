using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Watchword.Kms;

/// <summary>
/// The layout <c>watchword-custody-1</c> of version 0.1: master secrets directly under the key-encryption key, so only under one
/// in memory. Still opened, never written; re-wrapping turns it into the second format.
/// </summary>
internal sealed record FirstFormatDocument
{
    public const string FormatName = "watchword-custody-1";

    public required string Format { get; init; }

    public required string KmsUri { get; init; }

    public required int Generation { get; init; }

    public required string KeyDerivation { get; init; }

    public byte[]? Salt { get; init; }

    public int? Iterations { get; init; }

    public required SealedSecret EccsiMasterKey { get; init; }

    public required SealedSecret SakkeMasterKey { get; init; }

    public required SealedSecret EccsiDerivationKey { get; init; }

    private Dictionary<string, SealedSecret> Secrets => new(StringComparer.Ordinal)
    {
        [MasterSecretsSeal.EccsiKind] = EccsiMasterKey,
        [MasterSecretsSeal.SakkeKind] = SakkeMasterKey,
        [MasterSecretsSeal.DerivationKind] = EccsiDerivationKey,
    };

    public CustodyPlace Place => new(CustodyKind.MasterSecrets, KmsUri, Generation);

    public KeyEncryptionKeyParameters Key => new(KeyDerivation, KeyId: null, Salt, Iterations);

    /// <summary>Reads the first format; null if the document says that it has another one.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyMalformed"/>.</exception>
    public static FirstFormatDocument? ReadIfFirst(byte[] content, string name)
    {
        try
        {
            using (JsonDocument document = JsonDocument.Parse(content))
            {
                if (document.RootElement.ValueKind != JsonValueKind.Object
                    || !document.RootElement.TryGetProperty("format", out JsonElement format)
                    || format.ValueKind != JsonValueKind.String
                    || !format.ValueEquals(FormatName))
                {
                    return null;
                }
            }

            return JsonSerializer.Deserialize(content, CustodyJson.Default.FirstFormatDocument) is { } first
                && first.Place.IsValid && first.Key.IsValid && MasterSecretsSeal.Fits(first.Secrets)
                    ? first
                    : throw new KmsException(KmsError.CustodyMalformed, name);
        }
        catch (JsonException fault)
        {
            throw new KmsException(KmsError.CustodyMalformed, name, fault);
        }
    }

    /// <summary>Opens the secrets with whichever of the keys opens them.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyNotOpened"/>.</exception>
    public MasterSecrets Open(IReadOnlyList<IKeyEncryptionKey> candidates)
    {
        CryptographicException? last = null;
        foreach (LocalKeyEncryptionKey key in candidates.OfType<LocalKeyEncryptionKey>())
        {
            try
            {
                return key.OpenFirstFormat(cipher => MasterSecretsSeal.Open(Secrets, cipher, AssociatedData));
            }
            catch (CryptographicException fault)
            {
                last = fault;
            }
        }

        throw new KmsException(KmsError.CustodyNotOpened, $"{KmsUri}, generation {Generation}", last);
    }

    // Lengths before the variable parts: no two places share the associated data.
    private byte[] AssociatedData(string kind)
    {
        byte[] uri = Encoding.UTF8.GetBytes(KmsUri);
        byte[] name = Encoding.ASCII.GetBytes(kind);
        ReadOnlySpan<byte> label = "watchword-custody-1"u8;
        byte[] data = new byte[label.Length + 4 + 4 + uri.Length + 4 + name.Length];
        Span<byte> rest = data;
        label.CopyTo(rest);
        rest = rest[label.Length..];
        BinaryPrimitives.WriteInt32BigEndian(rest, Generation);
        BinaryPrimitives.WriteInt32BigEndian(rest[4..], uri.Length);
        uri.CopyTo(rest[8..]);
        rest = rest[(8 + uri.Length)..];
        BinaryPrimitives.WriteInt32BigEndian(rest, name.Length);
        name.CopyTo(rest[4..]);
        return data;
    }
}

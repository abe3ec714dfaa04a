using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Watchword.Cryptography;

namespace Watchword.Kms;

/// <summary>One secret under AES-256-GCM. Public octets.</summary>
/// <param name="Nonce">12 random octets.</param>
/// <param name="Ciphertext">As long as the secret.</param>
/// <param name="Tag">16 octets.</param>
internal sealed record SealedSecret(byte[] Nonce, byte[] Ciphertext, byte[] Tag);

/// <summary>
/// The master secrets of one generation, each wrapped on its own. The associated data of each binds it to the KMS URI, the
/// generation and its kind: a secret moved to another place does not open.
/// </summary>
internal sealed record SealedMasterSecrets(
    string KmsUri, int Generation, KeyDerivation Derivation, SealedSecret EccsiMasterKey, SealedSecret SakkeMasterKey,
    SealedSecret EccsiDerivationKey)
{
    private const string EccsiKind = "eccsi-master-key";
    private const string SakkeKind = "sakke-master-key";
    private const string DerivationKind = "eccsi-derivation-key";

    private delegate void Export(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData);

    public static SealedMasterSecrets Seal(MasterSecrets secrets, KeyEncryptionKey key, string kmsUri, int generation)
    {
        SealedSecret SealOne(int size, string kind, Export export)
        {
            byte[] nonce = RandomNumberGenerator.GetBytes(KeyEncryptionKey.NonceSizeInBytes);
            byte[] ciphertext = new byte[size];
            byte[] tag = new byte[KeyEncryptionKey.TagSizeInBytes];
            export(key.Cipher, nonce, ciphertext, tag, AssociatedData(kmsUri, generation, kind));
            return new SealedSecret(nonce, ciphertext, tag);
        }

        return new SealedMasterSecrets(
            kmsUri,
            generation,
            key.Derivation,
            SealOne(Cryptography.EccsiMasterKey.SizeInBytes, EccsiKind, secrets.Eccsi.ExportSealed),
            SealOne(Cryptography.SakkeMasterKey.SizeInBytes, SakkeKind, secrets.Sakke.ExportSealed),
            SealOne(Cryptography.EccsiDerivationKey.SizeInBytes, DerivationKind, secrets.Derivation.ExportSealed));
    }

    /// <summary>Opens all three, or none.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.CustodyNotOpened"/>.</exception>
    public MasterSecrets Open(KeyEncryptionKey key, string kmsUri, int generation)
    {
        EccsiMasterKey? eccsi = null;
        SakkeMasterKey? sakke = null;
        try
        {
            eccsi = Cryptography.EccsiMasterKey.ImportSealed(
                key.Cipher, EccsiMasterKey.Nonce, EccsiMasterKey.Ciphertext, EccsiMasterKey.Tag,
                AssociatedData(kmsUri, generation, EccsiKind));
            sakke = Cryptography.SakkeMasterKey.ImportSealed(
                key.Cipher, SakkeMasterKey.Nonce, SakkeMasterKey.Ciphertext, SakkeMasterKey.Tag,
                AssociatedData(kmsUri, generation, SakkeKind));
            EccsiDerivationKey derivation = Cryptography.EccsiDerivationKey.ImportSealed(
                key.Cipher, EccsiDerivationKey.Nonce, EccsiDerivationKey.Ciphertext, EccsiDerivationKey.Tag,
                AssociatedData(kmsUri, generation, DerivationKind));
            return new MasterSecrets(eccsi, sakke, derivation);
        }
        catch (CryptographicException fault)
        {
            eccsi?.Dispose();
            sakke?.Dispose();
            throw new KmsException(KmsError.CustodyNotOpened, $"{kmsUri}, generation {generation}", fault);
        }
    }

    // Lengths before the variable parts: no two places share the associated data.
    private static byte[] AssociatedData(string kmsUri, int generation, string kind)
    {
        byte[] uri = Encoding.UTF8.GetBytes(kmsUri);
        byte[] name = Encoding.ASCII.GetBytes(kind);
        ReadOnlySpan<byte> label = "watchword-custody-1"u8;
        byte[] data = new byte[label.Length + 4 + 4 + uri.Length + 4 + name.Length];
        Span<byte> rest = data;
        label.CopyTo(rest);
        rest = rest[label.Length..];
        BinaryPrimitives.WriteInt32BigEndian(rest, generation);
        BinaryPrimitives.WriteInt32BigEndian(rest[4..], uri.Length);
        uri.CopyTo(rest[8..]);
        rest = rest[(8 + uri.Length)..];
        BinaryPrimitives.WriteInt32BigEndian(rest, name.Length);
        name.CopyTo(rest[4..]);
        return data;
    }
}

using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Kms;

/// <summary>The three master secrets of a generation, each sealed on its own and bound to its kind.</summary>
internal static class MasterSecretsSeal
{
    public const string EccsiKind = "eccsi-master-key";
    public const string SakkeKind = "sakke-master-key";
    public const string DerivationKind = "eccsi-derivation-key";

    public static Dictionary<string, SealedSecret> Seal(MasterSecrets secrets, AesGcm key, Func<string, byte[]> associatedData) =>
        new(StringComparer.Ordinal)
        {
            [EccsiKind] = SealedSecret.Seal(
                key, EccsiMasterKey.SizeInBytes, associatedData(EccsiKind), secrets.Eccsi.ExportSealed),
            [SakkeKind] = SealedSecret.Seal(
                key, SakkeMasterKey.SizeInBytes, associatedData(SakkeKind), secrets.Sakke.ExportSealed),
            [DerivationKind] = SealedSecret.Seal(
                key, EccsiDerivationKey.SizeInBytes, associatedData(DerivationKind), secrets.Derivation.ExportSealed),
        };

    /// <summary>Opens all three, or none.</summary>
    /// <exception cref="CryptographicException">One does not open.</exception>
    public static MasterSecrets Open(
        IReadOnlyDictionary<string, SealedSecret> secrets, AesGcm key, Func<string, byte[]> associatedData)
    {
        EccsiMasterKey? eccsi = null;
        SakkeMasterKey? sakke = null;
        try
        {
            SealedSecret of = secrets[EccsiKind];
            eccsi = EccsiMasterKey.ImportSealed(key, of.Nonce, of.Ciphertext, of.Tag, associatedData(EccsiKind));
            of = secrets[SakkeKind];
            sakke = SakkeMasterKey.ImportSealed(key, of.Nonce, of.Ciphertext, of.Tag, associatedData(SakkeKind));
            of = secrets[DerivationKind];
            return new MasterSecrets(
                eccsi,
                sakke,
                EccsiDerivationKey.ImportSealed(key, of.Nonce, of.Ciphertext, of.Tag, associatedData(DerivationKind)));
        }
        catch
        {
            eccsi?.Dispose();
            sakke?.Dispose();
            throw;
        }
    }

    /// <summary>True if these are three secrets of the right lengths.</summary>
    public static bool Fits(IReadOnlyDictionary<string, SealedSecret> secrets) =>
        secrets.Count == 3
        && secrets.TryGetValue(EccsiKind, out SealedSecret? eccsi) && eccsi.Fits(EccsiMasterKey.SizeInBytes)
        && secrets.TryGetValue(SakkeKind, out SealedSecret? sakke) && sakke.Fits(SakkeMasterKey.SizeInBytes)
        && secrets.TryGetValue(DerivationKind, out SealedSecret? derivation) && derivation.Fits(EccsiDerivationKey.SizeInBytes);
}

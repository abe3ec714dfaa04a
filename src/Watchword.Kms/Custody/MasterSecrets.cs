using Watchword.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// The three random master secrets of one generation of a security domain: KSAK (RFC 6507), z_T (RFC 6508), and the key from
/// which the ephemeral v of each ECCSI key is derived, so that a key set repeats within a period without being stored.
/// </summary>
public sealed class MasterSecrets : IDisposable
{
    /// <summary>Takes ownership of the three secrets.</summary>
    public MasterSecrets(EccsiMasterKey eccsi, SakkeMasterKey sakke, EccsiDerivationKey derivation)
    {
        Eccsi = eccsi;
        Sakke = sakke;
        Derivation = derivation;
    }

    /// <summary>KSAK.</summary>
    public EccsiMasterKey Eccsi { get; }

    /// <summary>z_T.</summary>
    public SakkeMasterKey Sakke { get; }

    /// <summary>The key for deriving v.</summary>
    public EccsiDerivationKey Derivation { get; }

    /// <summary>Draws new secrets.</summary>
    public static MasterSecrets Generate() => new(
        EccsiMasterKey.Generate(), SakkeMasterKey.Generate(), EccsiDerivationKey.Generate());

    /// <summary>Zeroes the secrets.</summary>
    public void Dispose()
    {
        Eccsi.Dispose();
        Sakke.Dispose();
        Derivation.Dispose();
    }

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(MasterSecrets);
}

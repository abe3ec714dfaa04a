using System.Security.Cryptography;
using Watchword.Benchmarks.Rows;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Timing;

/// <summary>The secret operations of ECCSI.</summary>
internal sealed class EccsiOperations
{
    private readonly EccsiMasterKey master = EccsiMasterKey.Generate();
    private readonly byte[] identity = Identities.New();

    public IEnumerable<TimedOperation> All => [Issue(), SignWithNonces(), SignWithKeys(), Validate()];

    private TimedOperation Issue()
    {
        P256Scalar v = default;
        EccsiSigningKey? key = null;
        return new TimedOperation("eccsi_issue", "v = 1, random")
        {
            InputSize = P256Scalar.SizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => v = P256Scalar.FromReduced(octets),
            Run = () => key = master.TryIssue(identity, ref v),
            Unload = () => key!.Dispose(),
        };
    }

    private TimedOperation SignWithNonces()
    {
        P256Scalar j = default;
        EccsiSigningKey key = master.IssueSigningKey(identity);
        byte[] message = new byte[64];
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        return new TimedOperation("eccsi_sign_nonce", "j = 1, random")
        {
            InputSize = P256Scalar.SizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => j = P256Scalar.FromReduced(octets),
            Run = () => key.TrySign(message, ref j, signature),
        };
    }

    /// <summary>Signing does not look at whether SSK and PVT belong together, so any SSK will do.</summary>
    private TimedOperation SignWithKeys()
    {
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        using (EccsiSigningKey issued = master.IssueSigningKey(identity))
        {
            issued.ExportPublicToken(pvt);
        }

        EccsiSigningKey? key = null;
        P256Scalar j = default;
        P256Scalar always = P256Scalar.FromReduced(Identities.New());
        byte[] message = new byte[64];
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        return new TimedOperation("eccsi_sign_key", "SSK = 1, random")
        {
            InputSize = EccsiSigningKey.SecretSizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = FillScalar,
            Load = octets =>
            {
                key = UnvalidatedKeys.Signing(master.PublicKey, identity, octets, pvt);
                j = always;
            },
            Run = () => key!.TrySign(message, ref j, signature),
            Unload = () => key!.Dispose(),
        };
    }

    private TimedOperation Validate()
    {
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        using (EccsiSigningKey issued = master.IssueSigningKey(identity))
        {
            issued.ExportPublicToken(pvt);
        }

        EccsiSigningKey? key = null;
        return new TimedOperation("ssk_validate", "SSK = 1, random; all refused")
        {
            InputSize = EccsiSigningKey.SecretSizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = FillScalar,
            Load = octets => key = UnvalidatedKeys.Signing(master.PublicKey, identity, octets, pvt),
            Run = () => key!.Validate(),
            Unload = () => key!.Dispose(),
        };
    }

    /// <summary>An SSK is below q: the octets of one of q or more would be refused before any secret is worked on.</summary>
    private static void FillScalar(Span<byte> octets)
    {
        RandomNumberGenerator.Fill(octets);
        octets[0] &= 0x7F;
    }
}

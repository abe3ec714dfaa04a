using System.Security.Cryptography;
using Watchword.Benchmarks.Rows;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Startup;

/// <summary>The first operation of its kind in a process.</summary>
/// <param name="Key">The name in every output.</param>
/// <param name="Meaning">What is done, in a few words.</param>
internal sealed record FirstUse(string Key, string Meaning)
{
    /// <summary>Makes the octets that the process starts from; another process does that.</summary>
    public required Func<byte[][]> MakeInputs { get; init; }

    /// <summary>
    /// Takes the keys out of their octets and gives the operation, whose result must be true. Both are timed, and nothing of the
    /// cryptography was called before.
    /// </summary>
    public required Func<byte[][], Func<bool>> Import { get; init; }
}

/// <summary>All kinds of first use.</summary>
internal static class FirstUses
{
    private const int CapsuleSize = SakkePublicKey.EncapsulatedSizeInBytes;
    private const int SecretSize = SakkePublicKey.SharedSecretSizeInBytes;

    public static IReadOnlyList<FirstUse> All =>
    [
        new("rsk_issue", "master secret taken; an RSK issued")
        {
            MakeInputs = () => [NewMasterSecret(), Identities.New()],
            Import = inputs =>
            {
                SakkeMasterKey master = SakkeMasterKey.Import(inputs[0]);
                byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes];
                return () =>
                {
                    master.IssueReceiverKey(inputs[1], rsk);
                    return rsk[0] == 4;
                };
            },
        },
        new("rsk_import", "public key taken; an RSK imported, which validates it")
        {
            MakeInputs = MakeReceiver,
            Import = inputs =>
            {
                SakkePublicKey authority = SakkePublicKey.Import(inputs[0]);
                return () => SakkeReceiverKey.TryImport(authority, inputs[1], inputs[2], out _);
            },
        },
        new("encapsulate", "public key taken; a secret encapsulated")
        {
            MakeInputs = MakeReceiver,
            Import = inputs =>
            {
                SakkePublicKey authority = SakkePublicKey.Import(inputs[0]);
                byte[] capsule = new byte[CapsuleSize];
                return () =>
                {
                    authority.EncapsulateSecret(inputs[1], inputs[4], capsule);
                    return capsule.AsSpan().SequenceEqual(inputs[3]);
                };
            },
        },
        new("decapsulate", "public key and RSK taken; a capsule opened")
        {
            MakeInputs = MakeReceiver,
            Import = inputs =>
            {
                SakkeReceiverKey key = SakkeReceiverKey.Import(SakkePublicKey.Import(inputs[0]), inputs[1], inputs[2]);
                return () => Opens(key, inputs);
            },
        },
        new("decapsulate_tabled", "public key and RSK taken; its table made, a capsule opened")
        {
            MakeInputs = MakeReceiver,
            Import = inputs =>
            {
                SakkeReceiverKey key = SakkeReceiverKey.Import(SakkePublicKey.Import(inputs[0]), inputs[1], inputs[2]);
                return () =>
                {
                    key.Precompute();
                    return Opens(key, inputs);
                };
            },
        },
        new("eccsi_issue", "KSAK taken; SSK and PVT issued")
        {
            MakeInputs = () => [NewScalar(), Identities.New()],
            Import = inputs =>
            {
                EccsiMasterKey master = EccsiMasterKey.Import(inputs[0]);
                byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
                byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
                return () =>
                {
                    master.IssueSigningKey(inputs[1], ssk, pvt);
                    return pvt[0] == 4;
                };
            },
        },
        new("ssk_import", "KPAK taken; SSK and PVT imported, which validates them")
        {
            MakeInputs = MakeSigner,
            Import = inputs =>
            {
                EccsiPublicKey authority = EccsiPublicKey.Import(inputs[0]);
                return () => EccsiSigningKey.TryImport(authority, inputs[1], inputs[2], inputs[3], out _);
            },
        },
        new("eccsi_sign", "KPAK, SSK and PVT taken; 64 octets signed")
        {
            MakeInputs = MakeSigner,
            Import = inputs =>
            {
                EccsiSigningKey key = EccsiSigningKey.Import(EccsiPublicKey.Import(inputs[0]), inputs[1], inputs[2], inputs[3]);
                byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
                return () =>
                {
                    key.Sign(inputs[4], signature);
                    return signature[^EccsiSigningKey.PublicTokenSizeInBytes] == 4;
                };
            },
        },
        new("eccsi_verify", "KPAK taken; a signature verified")
        {
            MakeInputs = MakeSigner,
            Import = inputs =>
            {
                EccsiPublicKey authority = EccsiPublicKey.Import(inputs[0]);
                return () => authority.Verify(inputs[1], inputs[4], inputs[5]);
            },
        },
    ];

    private static bool Opens(SakkeReceiverKey key, byte[][] inputs)
    {
        byte[] secret = new byte[SecretSize];
        return key.TryDecapsulate(inputs[3], secret) && secret.AsSpan().SequenceEqual(inputs[4]);
    }

    private static byte[] NewMasterSecret()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(SakkeMasterKey.SizeInBytes);
        secret[0] = 0;
        return secret;
    }

    private static byte[] NewScalar()
    {
        byte[] scalar = RandomNumberGenerator.GetBytes(EccsiMasterKey.SizeInBytes);
        scalar[0] = 0;
        return scalar;
    }

    /// <summary>Public key, identity, RSK, a capsule and the secret in it.</summary>
    private static byte[][] MakeReceiver()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        byte[] identity = Identities.New();
        byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] secret = new byte[SecretSize];
        byte[] capsule = new byte[CapsuleSize];
        master.IssueReceiverKey(identity, rsk);
        master.PublicKey.Encapsulate(identity, secret, capsule);
        return [master.PublicKey.Export(), identity, rsk, capsule, secret];
    }

    /// <summary>KPAK, identity, SSK, PVT, a message and its signature.</summary>
    private static byte[][] MakeSigner()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        byte[] identity = Identities.New();
        using EccsiSigningKey key = master.IssueSigningKey(identity);
        byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] message = RandomNumberGenerator.GetBytes(SignedMessages.MessageSize);
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.ExportSecret(ssk);
        key.ExportPublicToken(pvt);
        key.Sign(message, signature);
        return [master.PublicKey.Export(), identity, ssk, pvt, message, signature];
    }
}

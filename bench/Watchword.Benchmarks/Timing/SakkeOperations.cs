using System.Security.Cryptography;
using Watchword.Benchmarks.Rows;
using Watchword.Cryptography;
using Watchword.Cryptography.Pairing;

namespace Watchword.Benchmarks.Timing;

/// <summary>The secret operations of SAKKE.</summary>
internal sealed class SakkeOperations
{
    private const int KeySize = SakkeReceiverKey.SizeInBytes;
    private const int CapsuleSize = SakkePublicKey.EncapsulatedSizeInBytes;
    /// <summary>Large enough for the sums of a batch.</summary>
    private const int BatchSize = 16;

    private const int SecretSize = SakkePublicKey.SharedSecretSizeInBytes;

    private readonly SakkeMasterKey master;
    private readonly byte[] identity = Identities.New();

    /// <summary>1 - z_T: the identity whose secret scalar a + z_T is 1.</summary>
    private readonly byte[] identityOfOne;

    /// <summary>RSKs of other identities: points of order q that are all refused alike.</summary>
    private readonly InputPool keys;

    private readonly InputPool capsules;

    public SakkeOperations()
    {
        byte[] z = RandomNumberGenerator.GetBytes(SakkeMasterKey.SizeInBytes);
        z[0] = 0;
        master = SakkeMasterKey.Import(z);
        identityOfOne = new byte[SakkeScalar.SizeInBytes];
        (SakkeScalar.One - SakkeScalar.FromReduced(z)).Encode(identityOfOne);
        keys = new InputPool(() =>
        {
            byte[] rsk = new byte[KeySize];
            master.IssueReceiverKey(Identities.New(), rsk);
            return rsk;
        });
        capsules = new InputPool(() =>
        {
            byte[] capsule = new byte[CapsuleSize];
            master.PublicKey.Encapsulate(identity, new byte[SecretSize], capsule);
            return capsule;
        });
    }

    public IEnumerable<TimedOperation> All =>
        [Issue(), IssueMany(), Validate(), Encapsulate(), EncapsulateToMany(), OpenCapsules(), OpenWithKeys(), Table(), Power()];

    private TimedOperation Issue()
    {
        byte[] input = new byte[SakkeScalar.SizeInBytes];
        byte[] rsk = new byte[KeySize];
        return new TimedOperation("rsk_issue", "a + z = 1, random")
        {
            InputSize = input.Length,
            FillFixed = identityOfOne.CopyTo,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(input),
            Run = () => master.IssueReceiverKey(input, rsk),
        };
    }

    private TimedOperation IssueMany()
    {
        byte[][] inputs = [.. Enumerable.Range(0, BatchSize).Select(_ => new byte[SakkeScalar.SizeInBytes])];
        ReadOnlyMemory<byte>[] identities = [.. inputs.Select(input => new ReadOnlyMemory<byte>(input))];
        byte[] keysOfAll = new byte[BatchSize * KeySize];
        return new TimedOperation("rsk_issue_batch", "a + z = 1 for all, random")
        {
            InputSize = BatchSize * SakkeScalar.SizeInBytes,
            FillFixed = destination =>
            {
                for (int i = 0; i < BatchSize; i++)
                {
                    identityOfOne.CopyTo(destination[(i * SakkeScalar.SizeInBytes)..]);
                }
            },
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets =>
            {
                for (int i = 0; i < BatchSize; i++)
                {
                    octets.Slice(i * SakkeScalar.SizeInBytes, SakkeScalar.SizeInBytes).CopyTo(inputs[i]);
                }
            },
            Run = () => master.IssueReceiverKeys(identities, keysOfAll),
        };
    }

    private TimedOperation Validate()
    {
        SakkeReceiverKey? key = null;
        return new TimedOperation("rsk_validate", "RSK fixed, random; all refused")
        {
            InputSize = KeySize,
            FillFixed = keys.FillFixed,
            FillRandom = keys.FillRandom,
            Load = octets => key = UnvalidatedKeys.Receiver(master.PublicKey, identity, octets),
            Run = () => key!.Validate(),
            Unload = () => key!.Dispose(),
        };
    }

    private TimedOperation Encapsulate()
    {
        byte[] secret = new byte[SecretSize];
        byte[] capsule = new byte[CapsuleSize];
        return new TimedOperation("encapsulate", "secret 0, random")
        {
            InputSize = SecretSize,
            FillFixed = ScalarInputs.FillZero,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(secret),
            Run = () => master.PublicKey.EncapsulateSecret(identity, secret, capsule),
        };
    }

    private TimedOperation EncapsulateToMany()
    {
        ReadOnlyMemory<byte>[] identities = [.. Enumerable.Range(0, BatchSize).Select(_ => new ReadOnlyMemory<byte>(Identities.New()))];
        byte[] secret = new byte[SecretSize];
        byte[] capsulesOfAll = new byte[BatchSize * CapsuleSize];
        return new TimedOperation("encapsulate_batch", "secret 0, random")
        {
            InputSize = SecretSize,
            FillFixed = ScalarInputs.FillZero,
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(secret),
            Run = () => master.PublicKey.EncapsulateSecretToAll(identities, secret, capsulesOfAll),
        };
    }

    private TimedOperation OpenCapsules()
    {
        SakkeReceiverKey key = master.IssueReceiverKey(identity);
        key.Precompute();
        byte[] capsule = new byte[CapsuleSize];
        byte[] secret = new byte[SecretSize];
        return new TimedOperation("decapsulate_tabled", "capsule fixed, random; all good")
        {
            InputSize = CapsuleSize,
            FillFixed = capsules.FillFixed,
            FillRandom = capsules.FillRandom,
            Load = octets => octets.CopyTo(capsule),
            Run = () => key.TryDecapsulate(capsule, secret),
        };
    }

    private TimedOperation OpenWithKeys()
    {
        SakkeReceiverKey? key = null;
        byte[] capsule = new byte[CapsuleSize];
        master.PublicKey.Encapsulate(identity, new byte[SecretSize], capsule);
        byte[] secret = new byte[SecretSize];
        return new TimedOperation("decapsulate_untabled", "RSK fixed, random; all refused")
        {
            InputSize = KeySize,
            FillFixed = keys.FillFixed,
            FillRandom = keys.FillRandom,
            Load = octets => key = UnvalidatedKeys.Receiver(master.PublicKey, identity, octets),
            Run = () => key!.TryDecapsulate(capsule, secret),
            Unload = () => key!.Dispose(),
        };
    }

    private TimedOperation Table()
    {
        SakkeReceiverKey? key = null;
        return new TimedOperation("rsk_table", "RSK fixed, random")
        {
            InputSize = KeySize,
            FillFixed = keys.FillFixed,
            FillRandom = keys.FillRandom,
            Load = octets => key = UnvalidatedKeys.Receiver(master.PublicKey, identity, octets),
            Run = () => key!.Precompute(),
            Unload = () => key!.Dispose(),
        };
    }

    private static TimedOperation Power()
    {
        SakkeScalar exponent = default;
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        return new TimedOperation("target_group_pow", "exponent 1, random")
        {
            InputSize = SakkeScalar.SizeInBytes,
            FillFixed = ScalarInputs.FillOne,
            FillRandom = RandomNumberGenerator.Fill,
            Load = input => exponent = SakkeScalar.FromReduced(input),
            Run = () => SakkeTargetGroup.PowerOfGenerator(exponent).Encode(octets),
        };
    }
}

using System.Security.Cryptography;
using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>Rows about encapsulation and decapsulation (RFC 6508 §6.2).</summary>
internal sealed class SakkeMessageRows(SakkeMasterKey master)
{
    private const int BatchSize = 256;
    private const int CapsuleSize = SakkePublicKey.EncapsulatedSizeInBytes;
    private const int SecretSize = SakkePublicKey.SharedSecretSizeInBytes;

    private readonly SakkePublicKey publicKey = master.PublicKey;
    private readonly byte[] identity = Identities.New();

    public Row EncapsulateNew => new("encapsulate_new", "a secret to an identity not seen before")
    {
        Check = () =>
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(Identities.New());
            ExpectRoundTrip(publicKey, key);
        },
        CreateWorker = _ =>
        {
            Identities identities = new();
            byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
            byte[] capsule = new byte[CapsuleSize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    publicKey.EncapsulateSecret(identities[i], secret, capsule);
                }
            });
        },
    };

    public Row EncapsulateBatch => new("encapsulate_batch", $"one of {BatchSize} new recipients of one secret, in one call")
    {
        OperationsPerCall = BatchSize,
        Check = () =>
        {
            Identities identities = new();
            identities.Renew(3);
            byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
            byte[] capsules = new byte[3 * CapsuleSize];
            publicKey.EncapsulateSecretToAll(identities.All, secret, capsules);
            for (int i = 0; i < 3; i++)
            {
                using SakkeReceiverKey key = master.IssueReceiverKey(identities[i]);
                ExpectOpens(key, capsules.AsSpan(i * CapsuleSize, CapsuleSize), secret);
            }
        },
        CreateWorker = degree =>
        {
            Identities identities = new();
            byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
            byte[] capsules = new byte[BatchSize * CapsuleSize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i += BatchSize)
                {
                    publicKey.EncapsulateSecretToAll(identities.Call(i, BatchSize), secret, capsules, degree);
                }
            });
        },
    };

    public Row EncapsulateKnown => new("encapsulate_known", "a secret to the same identity again")
    {
        Check = () =>
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(identity);
            for (int i = 0; i < 4; i++)
            {
                // The first may go another way than those that find the identity known.
                ExpectRoundTrip(publicKey, key);
            }
        },
        CreateWorker = _ =>
        {
            byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
            byte[] capsule = new byte[CapsuleSize];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    publicKey.EncapsulateSecret(identity, secret, capsule);
                }
            });
        },
    };

    public Row DecapsulateTabled => new("decapsulate_tabled", "a secret out of its capsule, the RSK's table at hand")
    {
        Check = () =>
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(identity);
            key.Precompute();
            ExpectRoundTrip(publicKey, key);
        },
        CreateWorker = _ =>
        {
            SakkeReceiverKey key = master.IssueReceiverKey(identity);
            key.Precompute();
            Capsules capsules = new(publicKey, identity);
            byte[] secret = new byte[SecretSize];
            return new Worker(capsules.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    Expect.That(key.TryDecapsulate(capsules[i], secret), "a good capsule opens");
                }
            });
        },
    };

    public Row DecapsulateUntabled => new("decapsulate_untabled", "a secret out of its capsule, the first that the RSK opens")
    {
        Check = () =>
        {
            using SakkeReceiverKey key = master.IssueReceiverKey(identity);
            ExpectRoundTrip(publicKey, key);
        },
        CreateWorker = _ =>
        {
            // The same RSK in a new object each time: the receiver's own identity is known, the RSK's table is not there.
            Disposables<SakkeReceiverKey> keys = new(() => master.IssueReceiverKey(identity));
            Capsules capsules = new(publicKey, identity);
            byte[] secret = new byte[SecretSize];
            return new Worker(
                count =>
                {
                    keys.Renew(count);
                    capsules.Renew(count);
                },
                count =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        Expect.That(keys[i].TryDecapsulate(capsules[i], secret), "a good capsule opens");
                    }
                });
        },
    };

    /// <summary>A fresh secret comes back from the key; an altered capsule is refused.</summary>
    public static void ExpectRoundTrip(SakkePublicKey publicKey, SakkeReceiverKey key)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
        byte[] capsule = new byte[CapsuleSize];
        publicKey.EncapsulateSecret(key.Identity, secret, capsule);
        ExpectOpens(key, capsule, secret);
    }

    private static void ExpectOpens(SakkeReceiverKey key, ReadOnlySpan<byte> capsule, ReadOnlySpan<byte> secret)
    {
        byte[] opened = new byte[SecretSize];
        Expect.That(key.TryDecapsulate(capsule, opened), "a good capsule opens");
        Expect.Equal(opened, secret, "the secret comes back");
        byte[] altered = capsule.ToArray();
        altered[^1] ^= 1;
        Expect.That(!key.TryDecapsulate(altered, opened), "an altered capsule is refused");
    }

    /// <summary>Capsules to one identity, each with a secret of its own.</summary>
    private sealed class Capsules(SakkePublicKey publicKey, byte[] identity)
    {
        private const int Distinct = 16;
        private readonly byte[] octets = new byte[Distinct * CapsuleSize];
        private bool made;

        public ReadOnlySpan<byte> this[int index] => octets.AsSpan(index % Distinct * CapsuleSize, CapsuleSize);

        /// <summary>Nothing remembers a capsule: a few in turn are as good as new ones.</summary>
        public void Renew(int count)
        {
            for (int i = 0; i < Distinct && !made; i++)
            {
                publicKey.Encapsulate(identity, new byte[SecretSize], octets.AsSpan(i * CapsuleSize, CapsuleSize));
            }

            made = true;
        }
    }
}

using System.Security.Cryptography;
using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>Rows about ECCSI (RFC 6507).</summary>
internal sealed class EccsiRows(EccsiMasterKey master)
{
    /// <summary>As much work in a call as a batch of 256 has on the SAKKE side, or nearly: waking threads takes time.</summary>
    private const int BatchSize = 2048;
    private const int SecretSize = EccsiSigningKey.SecretSizeInBytes;
    private const int TokenSize = EccsiSigningKey.PublicTokenSizeInBytes;
    private const int SignatureSize = EccsiSigningKey.SignatureSizeInBytes;

    private readonly EccsiPublicKey publicKey = master.PublicKey;

    public Row Issue => new("eccsi_issue", "SSK and PVT for a new identity")
    {
        Check = () =>
        {
            byte[] identity = Identities.New();
            byte[] ssk = new byte[SecretSize];
            byte[] pvt = new byte[TokenSize];
            master.IssueSigningKey(identity, ssk, pvt);
            ExpectSigningKey(identity, ssk, pvt);
        },
        CreateWorker = _ =>
        {
            Identities identities = new();
            byte[] ssk = new byte[SecretSize];
            byte[] pvt = new byte[TokenSize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    master.IssueSigningKey(identities[i], ssk, pvt);
                }
            });
        },
    };

    public Row IssueBatch => new("eccsi_issue_batch", $"SSK and PVT out of {BatchSize} issued in one call")
    {
        OperationsPerCall = BatchSize,
        Check = () =>
        {
            Identities identities = new();
            identities.Renew(3);
            byte[] ssks = new byte[3 * SecretSize];
            byte[] pvts = new byte[3 * TokenSize];
            master.IssueSigningKeys(identities.All, ssks, pvts);
            for (int i = 0; i < 3; i++)
            {
                ExpectSigningKey(
                    identities[i], ssks.AsSpan(i * SecretSize, SecretSize), pvts.AsSpan(i * TokenSize, TokenSize));
            }
        },
        CreateWorker = degree =>
        {
            Identities identities = new();
            byte[] ssks = new byte[BatchSize * SecretSize];
            byte[] pvts = new byte[BatchSize * TokenSize];
            return new Worker(identities.Renew, count =>
            {
                for (int i = 0; i < count; i += BatchSize)
                {
                    master.IssueSigningKeys(identities.Call(i, BatchSize), ssks, pvts, degree);
                }
            });
        },
    };

    public Row Sign => new("eccsi_sign", "a signature on 64 octets")
    {
        Check = ExpectVerdicts,
        CreateWorker = _ =>
        {
            EccsiSigningKey key = master.IssueSigningKey(Identities.New());
            byte[] message = RandomNumberGenerator.GetBytes(SignedMessages.MessageSize);
            byte[] signature = new byte[SignatureSize];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    key.Sign(message, signature);
                }
            });
        },
    };

    public Row VerifyUnknown => new("eccsi_verify_unknown", "a verification, signer not seen before")
    {
        Check = ExpectVerdicts,
        CreateWorker = _ =>
        {
            SignedMessages messages = new(() => master.IssueSigningKey(Identities.New()), disposeSigners: true);
            return new Worker(messages.Renew, count => VerifyEach(messages, count));
        },
    };

    public Row VerifyKnown => new("eccsi_verify_known", "a verification, another message of the same signer")
    {
        Check = ExpectVerdicts,
        CreateWorker = _ =>
        {
            EccsiSigningKey key = master.IssueSigningKey(Identities.New());
            SignedMessages messages = new(() => key, disposeSigners: false);
            return new Worker(messages.Renew, count => VerifyEach(messages, count));
        },
    };

    public Row Validate => new("ssk_validate", "the RFC's validation of an SSK and PVT not seen before")
    {
        Check = () =>
        {
            using EccsiSigningKey key = master.IssueSigningKey(Identities.New());
            Expect.That(key.Validate(), "a signing key of its own identity is valid");
            ExpectSigningKey(key);
        },
        CreateWorker = _ =>
        {
            Disposables<EccsiSigningKey> keys = new(() => master.IssueSigningKey(Identities.New()));
            return new Worker(keys.Renew, count =>
            {
                for (int i = 0; i < count; i++)
                {
                    Expect.That(keys[i].Validate(), "a key that was just issued is valid");
                }
            });
        },
    };

    public Row ValidateBatch => new("ssk_validate_batch", $"an SSK and PVT out of {BatchSize} validated in one call")
    {
        OperationsPerCall = BatchSize,
        Check = () =>
        {
            using EccsiSigningKey first = master.IssueSigningKey(Identities.New());
            using EccsiSigningKey second = master.IssueSigningKey(Identities.New());
            byte[] pvt = new byte[TokenSize];
            first.ExportPublicToken(pvt);
            using EccsiSigningKey wrong = UnvalidatedKeys.Signing(publicKey, Identities.New(), Identities.New(), pvt);
            bool[] valid = new bool[3];
            EccsiSigningKey.ValidateAll(new[] { first, wrong, second }, valid);
            Expect.That(valid is [true, false, true], "a batch finds the one wrong key among three");
        },
        CreateWorker = degree =>
        {
            Disposables<EccsiSigningKey> keys = new(() => master.IssueSigningKey(Identities.New()));
            bool[] valid = new bool[BatchSize];
            return new Worker(keys.Renew, count =>
            {
                for (int i = 0; i < count; i += BatchSize)
                {
                    EccsiSigningKey.ValidateAll(keys.All.Slice(i, BatchSize), valid, degree);
                    Expect.That(!valid.Contains(false), "keys that were just issued are valid");
                }
            });
        },
    };

    private static void ExpectVerdict(bool actual, bool expected, string what) =>
        Expect.That(actual == expected, $"{what} is {(expected ? "accepted" : "refused")}");

    private void VerifyEach(SignedMessages messages, int count)
    {
        for (int i = 0; i < count; i++)
        {
            SignedMessage message = messages[i];
            Expect.That(publicKey.Verify(message.Identity, message.Message, message.Signature), "a good signature verifies");
        }
    }

    /// <summary>A signature verifies, a known signer's too; another message, another identity, an altered one do not.</summary>
    private void ExpectVerdicts()
    {
        using EccsiSigningKey key = master.IssueSigningKey(Identities.New());
        SignedMessages messages = new(() => key, disposeSigners: false);
        messages.Renew(4);
        for (int i = 0; i < 4; i++)
        {
            SignedMessage good = messages[i];
            byte[] altered = [.. good.Signature];
            altered[SecretSize + 5] ^= 1;
            ExpectVerdict(publicKey.Verify(good.Identity, good.Message, good.Signature), true, "a good signature");
            ExpectVerdict(publicKey.Verify(good.Identity, good.Message, altered), false, "an altered signature");
            ExpectVerdict(publicKey.Verify(good.Identity, Identities.New(), good.Signature), false, "another message");
            ExpectVerdict(publicKey.Verify(Identities.New(), good.Message, good.Signature), false, "another identity");
        }
    }

    private void ExpectSigningKey(EccsiSigningKey key)
    {
        byte[] ssk = new byte[SecretSize];
        byte[] pvt = new byte[TokenSize];
        key.ExportSecret(ssk);
        key.ExportPublicToken(pvt);
        ExpectSigningKey(key.Identity, ssk, pvt);
    }

    /// <summary>The pair is the identity's, and no other identity's.</summary>
    private void ExpectSigningKey(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> ssk, ReadOnlySpan<byte> pvt)
    {
        bool valid = EccsiSigningKey.TryImport(publicKey, identity, ssk, pvt, out EccsiSigningKey? key);
        key?.Dispose();
        ExpectVerdict(valid, true, "the pair for its identity");
        bool accepted = EccsiSigningKey.TryImport(publicKey, Identities.New(), ssk, pvt, out key);
        key?.Dispose();
        ExpectVerdict(accepted, false, "the pair for another identity");
    }
}

using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;
using Watchword.Mikey;

namespace Watchword.Benchmarks.Rows;

/// <summary>
/// Rows about I_MESSAGEs (TS 33.180 5.2.2): what is on top of encapsulation and signature, of decapsulation and verification.
/// </summary>
internal sealed class KeyMessageRows(SakkeMasterKey sakke, EccsiMasterKey eccsi)
{
    private const int Members = 1000;
    private const string KmsUri = "kms.example.org";
    private const string AliceUri = "sip:alice@example.org";
    private const string BobUri = "sip:bob@example.org";

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly MikeySender alice = new()
    {
        SigningKey = eccsi.IssueSigningKey(Identities.New()),
        Uri = AliceUri,
        KmsUri = KmsUri,
    };

    public Row Create => new("pck_create", "a PCK and its message to a user not seen before")
    {
        Check = () =>
        {
            byte[] uid = Identities.New();
            using SakkeReceiverKey bob = sakke.IssueReceiverKey(uid);
            using MikeyKey pck = MikeyKey.Generate(KeyPurpose.Pck);
            byte[] message = KeyMessage.Create(KeyDistribution.Pck, pck, alice, Recipient(uid), Now);
            ExpectOpens(KeyDistribution.Pck, message, BobUri, bob, uid, pck);
        },
        CreateWorker = _ =>
        {
            MikeyRecipient[] recipients = [];
            return new Worker(
                count => recipients = Recipients(count, BobUri),
                count =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        using MikeyKey pck = MikeyKey.Generate(KeyPurpose.Pck);
                        KeyMessage.Create(KeyDistribution.Pck, pck, alice, recipients[i], Now);
                    }
                });
        },
    };

    public Row CreateAll => new("gmk_create_batch", $"the message to one of {Members} new members of a group, in one call")
    {
        OperationsPerCall = Members,
        Check = () =>
        {
            using MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
            MikeyRecipient[] members = Recipients(3);
            byte[][] messages = KeyMessage.CreateAll(KeyDistribution.Gmk, gmk, alice, members, Now);
            for (int i = 0; i < members.Length; i++)
            {
                using SakkeReceiverKey key = sakke.IssueReceiverKey(members[i].Uid.Span);
                ExpectOpens(KeyDistribution.Gmk, messages[i], members[i].Uri, key, members[i].Uid.ToArray(), gmk);
            }
        },
        CreateWorker = degree =>
        {
            MikeyRecipient[] members = [];
            MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
            return new Worker(
                count => members = Recipients(count),
                count =>
                {
                    for (int i = 0; i < count; i += Members)
                    {
                        KeyMessage.CreateAll(
                            KeyDistribution.Gmk, gmk, alice, new ArraySegment<MikeyRecipient>(members, i, Members), Now, null, degree);
                    }
                });
        },
    };

    public Row Open => new("pck_open", "a message opened: the RSK's table at hand, the signer known")
    {
        Check = Create.Check,
        CreateWorker = _ =>
        {
            byte[] uid = Identities.New();
            SakkeReceiverKey bob = sakke.IssueReceiverKey(uid);
            bob.Precompute();
            byte[][] messages = [.. Enumerable.Range(0, 16).Select(_ => Make(uid))];
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    KeyOpening opening = KeyMessage.Open(messages[i % messages.Length], Receiver(KeyDistribution.Pck, BobUri, bob, uid));
                    Expect.That(opening.IsOpened, "a good message opens");
                    opening.Key!.Dispose();
                }
            });
        },
    };

    public Row Decode => new("message_decode", "a message decoded, nothing verified")
    {
        Check = () => Expect.That(!MikeyMessage.TryParse(Make(Identities.New()).AsSpan(1), out _), "a cut message is refused"),
        CreateWorker = _ =>
        {
            byte[] message = Make(Identities.New());
            return new Worker(count =>
            {
                for (int i = 0; i < count; i++)
                {
                    Expect.That(MikeyMessage.TryParse(message, out MikeyMessage? _), "a good message is read");
                }
            });
        },
    };

    private byte[] Make(byte[] uid)
    {
        using MikeyKey pck = MikeyKey.Generate(KeyPurpose.Pck);
        return KeyMessage.Create(KeyDistribution.Pck, pck, alice, Recipient(uid), Now);
    }

    private MikeyRecipient Recipient(byte[] uid, string uri = BobUri) => new(uri, KmsUri, sakke.PublicKey, uid);

    private MikeyRecipient[] Recipients(int count, string? uri = null) =>
        [.. Enumerable.Range(0, count).Select(i => Recipient(Identities.New(), uri ?? $"sip:member-{i}@example.org"))];

    private KeyReceiver Receiver(KeyDistribution distribution, string uri, SakkeReceiverKey key, byte[] uid) => new()
    {
        Uri = uri,
        Expects = [distribution],
        IsDomainAllowed = claims => claims.InitiatorKmsUri == KmsUri && claims.ReceiverKmsUri == KmsUri,
        ResolveInitiator = _ => InitiatorResolution.Of(new InitiatorKey(eccsi.PublicKey, alice.SigningKey.Identity.ToArray())),
        FindReceiverKeys = _ => [new ReceiverKey(key, uid)],
        ReplayCache = new MikeyReplayCache(new FixedClock()),
    };

    private void ExpectOpens(KeyDistribution distribution, byte[] message, string uri, SakkeReceiverKey key, byte[] uid, MikeyKey sent)
    {
        KeyOpening opening = KeyMessage.Open(message, Receiver(distribution, uri, key, uid));
        Expect.That(opening.IsOpened && opening.Key.KeyId == sent.KeyId, "a good message opens");
        opening.Key!.Dispose();
        byte[] altered = [.. message];
        altered[^1] ^= 1;
        Expect.That(!KeyMessage.Open(altered, Receiver(distribution, uri, key, uid)).IsOpened, "an altered message is refused");
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}

using System.Security.Cryptography;
using System.Text;
using Watchword.Cryptography;

namespace Watchword.Mikey.Tests;

/// <summary>
/// A security domain with its users, made once: issuing and pairing dominate the time of these tests. UIDs here are the hash of a
/// label, because MIKEY takes them as octets; F.2.1 is tested where it is implemented.
/// </summary>
internal sealed class TestDomain
{
    public const string AliceUri = "sip:alice@example.org";
    public const string BobUri = "sip:bob@example.org";
    public const string KmsUri = "kms.example.org";

    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, 250, TimeSpan.Zero);

    private TestDomain()
    {
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        Authority = eccsi.PublicKey;
        Encryption = sakke.PublicKey;
        AliceSigning = eccsi.IssueSigningKey(AliceUid);
        EveSigning = eccsi.IssueSigningKey(Uid("eve"));
        AliceReceiver = sakke.IssueReceiverKey(AliceUid);
        BobReceiver = sakke.IssueReceiverKey(BobUid);
        BobOtherPeriod = sakke.IssueReceiverKey(BobUidOtherPeriod);
    }

    public static byte[] AliceUid { get; } = Uid("alice");

    public static byte[] BobUid { get; } = Uid("bob");

    public static byte[] BobUidOtherPeriod { get; } = Uid("bob, another period");

    // After the UIDs, which the constructor needs.
    public static TestDomain Home { get; } = new();

    public static TestDomain Other { get; } = new();

    public EccsiPublicKey Authority { get; }

    public SakkePublicKey Encryption { get; }

    public EccsiSigningKey AliceSigning { get; }

    public EccsiSigningKey EveSigning { get; }

    public SakkeReceiverKey AliceReceiver { get; }

    public SakkeReceiverKey BobReceiver { get; }

    public SakkeReceiverKey BobOtherPeriod { get; }

    public static byte[] Uid(string label) => SHA256.HashData(Encoding.UTF8.GetBytes(label));

    public PckRequest Request(
        DateTimeOffset? time = null, bool policy = true, SakkePublicKey? toSelf = null, byte[]? receiverUid = null) => new()
    {
        InitiatorKey = AliceSigning,
        InitiatorUid = AliceUid,
        InitiatorUri = AliceUri,
        InitiatorKmsUri = KmsUri,
        ReceiverDomain = Encryption,
        ReceiverUid = receiverUid ?? BobUid,
        ReceiverUri = BobUri,
        ReceiverKmsUri = KmsUri,
        Time = time ?? Now,
        IncludeSecurityPolicy = policy,
        SakkeToSelfDomain = toSelf,
    };

    /// <summary>A receiver with a replay cache of its own unless one is given.</summary>
    public PckReceiver Bob(
        MikeyReplayCache? cache = null,
        TestClock? clock = null,
        MikeyTolerances tolerances = MikeyTolerances.None,
        Func<PckParties, PckInitiatorKey?>? initiator = null,
        Func<PckParties, PckReceiverKey?>? receiver = null,
        string uri = BobUri) => new()
        {
            Uri = uri,
            IsDomainAllowed = parties => parties is { InitiatorKmsUri: KmsUri, ReceiverKmsUri: KmsUri },
            FindInitiatorKey = initiator ?? (_ => new PckInitiatorKey(Authority, AliceUid)),
            FindReceiverKey = receiver ?? (_ => new PckReceiverKey(BobReceiver, BobUid)),
            ReplayCache = cache ?? new MikeyReplayCache(clock ?? new TestClock(Now)),
            Tolerances = tolerances,
        };

    /// <summary>Signs a message again as Alice after a change that keeps its length.</summary>
    public byte[] SignAgain(byte[] octets)
    {
        byte[] copy = [.. octets];
        AliceSigning.Sign(copy.AsSpan(0, copy.Length - 129), copy.AsSpan(copy.Length - 129));
        return copy;
    }
}

internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Watchword.Cryptography;

namespace Watchword.Mikey.Tests;

/// <summary>
/// A security domain whose users and entities are keyed when they are first asked for: issuing and pairing dominate the time of these
/// tests. UIDs here are the hash of a URI and a period, because MIKEY takes them as octets; F.2.1 is tested where it is implemented.
/// </summary>
internal sealed class TestDomain
{
    public const string AliceUri = "sip:alice@example.org";
    public const string BobUri = "sip:bob@example.org";
    public const string EveUri = "sip:eve@example.org";
    public const string GmsUri = "sip:gms@example.org";
    public const string ServerUri = "mdsi.example.org";
    public const string PeerServerUri = "mdsi-2.example.org";

    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, 250, TimeSpan.Zero);

    private readonly EccsiMasterKey _eccsi = EccsiMasterKey.Generate();
    private readonly SakkeMasterKey _sakke = SakkeMasterKey.Generate();
    private readonly ConcurrentDictionary<string, EccsiSigningKey> _signing = new();
    private readonly ConcurrentDictionary<string, SakkeReceiverKey> _receiving = new();

    private TestDomain(string kmsUri)
    {
        KmsUri = kmsUri;
        Authority = _eccsi.PublicKey;
        Encryption = _sakke.PublicKey;
    }

    public static TestDomain Home { get; } = new("kms.example.org");

    public static TestDomain Other { get; } = new("kms.example.net");

    public string KmsUri { get; }

    public EccsiPublicKey Authority { get; }

    public SakkePublicKey Encryption { get; }

    /// <summary>Who makes a key and who takes it.</summary>
    public static (string Initiator, string Receiver) EndsOf(KeyDistribution distribution)
    {
        string initiator = UriOf(distribution.Initiator);
        string receiver = distribution.Receiver == KeyEntity.Client ? BobUri : ServerUri;
        return (initiator == receiver ? PeerServerUri : initiator, receiver);

        static string UriOf(KeyEntity entity) => entity switch
        {
            KeyEntity.Client => AliceUri,
            KeyEntity.GroupManagementServer => GmsUri,
            _ => ServerUri,
        };
    }

    public static byte[] Uid(string uri, int period = 0) => SHA256.HashData(Encoding.UTF8.GetBytes($"{uri} {period}"));

    public EccsiSigningKey Signing(string uri, int period = 0) =>
        _signing.GetOrAdd($"{uri} {period}", _ => _eccsi.IssueSigningKey(Uid(uri, period)));

    public SakkeReceiverKey Receiving(string uri, int period = 0) =>
        _receiving.GetOrAdd($"{uri} {period}", _ => _sakke.IssueReceiverKey(Uid(uri, period)));

    public MikeySender Sender(string uri, int period = 0) =>
        new() { SigningKey = Signing(uri, period), Uri = uri, KmsUri = KmsUri, Domain = Encryption };

    public MikeyRecipient Recipient(string uri, int period = 0) => new(uri, KmsUri, Encryption, Uid(uri, period));

    public InitiatorKey InitiatorKeyOf(string uri, int period = 0) => new(Authority, Uid(uri, period));

    public ReceiverKey ReceiverKeyOf(string uri, int period = 0) => new(Receiving(uri, period), Uid(uri, period));

    /// <summary>A message of a distribution within this domain, or to another.</summary>
    public byte[] Make(
        KeyDistribution distribution,
        MikeyKey key,
        KeyMessageOptions? options = null,
        DateTimeOffset? time = null,
        TestDomain? to = null,
        int period = 0)
    {
        (string initiator, string receiver) = EndsOf(distribution);
        return KeyMessage.Create(
            distribution, key, Sender(initiator, period), (to ?? this).Recipient(receiver, period), time ?? Now, options);
    }

    public byte[] Make(KeyDistribution distribution, KeyMessageOptions? options = null, DateTimeOffset? time = null)
    {
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        return Make(distribution, key, options, time);
    }

    /// <summary>Who opens messages of a distribution, with a replay cache of its own unless one is given.</summary>
    public KeyReceiver Opener(
        KeyDistribution distribution,
        MikeyReplayCache? cache = null,
        TestClock? clock = null,
        MikeyTolerances tolerances = MikeyTolerances.None,
        Func<KeyClaims, InitiatorResolution>? initiator = null,
        Func<KeyClaims, IReadOnlyList<ReceiverKey>>? receiver = null,
        string? uri = null,
        bool hidden = false,
        bool own = false,
        IReadOnlyList<KeyDistribution>? expects = null,
        Func<KeyClaims, bool>? isDomainAllowed = null)
    {
        (string initiatorUri, string receiverUri) = EndsOf(distribution);
        string us = uri ?? (own ? initiatorUri : receiverUri);
        return new KeyReceiver
        {
            Uri = us,
            Expects = expects ?? [distribution],
            IsDomainAllowed = isDomainAllowed ?? (claims => claims.InitiatorKmsUri == KmsUri && claims.ReceiverKmsUri == KmsUri),
            ResolveInitiator = initiator ?? (_ => InitiatorResolution.Of(InitiatorKeyOf(initiatorUri))),
            FindReceiverKeys = receiver ?? (_ => [ReceiverKeyOf(us)]),
            ReplayCache = cache ?? new MikeyReplayCache(clock ?? new TestClock(Now)),
            Tolerances = tolerances,
            AcceptsHiddenIdentities = hidden,
            OpensOwnMessages = own,
        };
    }

    /// <summary>Signs a message again after a change that keeps its length, as whoever makes such messages.</summary>
    public byte[] SignAgain(byte[] octets, KeyDistribution distribution, string? uri = null)
    {
        byte[] copy = [.. octets];
        Signing(uri ?? EndsOf(distribution).Initiator).Sign(copy.AsSpan(0, copy.Length - 129), copy.AsSpan(copy.Length - 129));
        return copy;
    }

    /// <summary>The message with some payloads replaced, and others added before the signature, properly signed.</summary>
    public byte[] Rewrite(
        byte[] octets, KeyDistribution distribution, Func<MikeyPayload, MikeyPayload>? replace = null, params MikeyPayload[] extra)
    {
        MikeyMessage message = MikeyMessage.Parse(octets);
        List<MikeyPayload> payloads = [.. message.Payloads.Select(replace ?? (p => p))];
        payloads.InsertRange(payloads.Count - 1, extra);
        return SignAgain(MikeyMessage.Encode(message.Header, payloads), distribution);
    }

    public static byte[] Secret(MikeyKey key)
    {
        byte[] secret = new byte[MikeyKey.SecretSizeInBytes];
        key.ExportSecret(secret);
        return secret;
    }
}

internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}

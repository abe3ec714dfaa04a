using System.Globalization;
using System.Text.Json;
using Watchword.Cryptography;

namespace Watchword.Mikey.Tests;

/// <summary>The committed messages: one golden message between two domains, and what may not be read.</summary>
public class PckVectorTests
{
    private static readonly JsonElement _file = Load();
    private static readonly SakkeReceiverKey _receiverKey = SakkeReceiverKey.Import(
        SakkePublicKey.Import(Hex(Domain("receiver"), "z")),
        Hex(_file.GetProperty("receiver"), "uid"),
        Hex(_file.GetProperty("receiver"), "rsk"));

    public static TheoryData<int> InvalidIds =>
    [
        .. _file.GetProperty("tests").EnumerateArray()
            .Where(t => Text(t, "result") == "invalid")
            .Select(t => t.GetProperty("id").GetInt32()),
    ];

    private static JsonElement Golden => _file.GetProperty("tests")[0];

    [Fact]
    public void The_golden_message_decodes_field_by_field_and_encodes_identically()
    {
        byte[] octets = Hex(Golden, "message");
        JsonElement fields = Golden.GetProperty("fields");
        MikeyMessage message = MikeyMessage.Parse(octets);

        message.Header.CsbId.ShouldBe(uint.Parse(Text(fields, "csb_id"), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        ((int)message.Header.Map.MapType).ShouldBe(fields.GetProperty("map_type").GetInt32());
        ((int)message.Timestamp.TimestampType).ShouldBe(fields.GetProperty("timestamp_type").GetInt32());
        message.Timestamp.Value.ShouldBe(ulong.Parse(Text(fields, "timestamp"), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        message.Timestamp.Value.ShouldBe(MikeyTimestamp.FromDateTimeOffset(Time()).Value);
        message.Random.Value.ToArray().ShouldBe(Hex(fields, "rand"));
        message.FindIdentity(MikeyIdentityRole.Initiator)!.Text.ShouldBe(Text(_file.GetProperty("initiator"), "uri"));
        message.FindIdentity(MikeyIdentityRole.Responder)!.Text.ShouldBe(Text(_file.GetProperty("receiver"), "uri"));
        message.FindIdentity(MikeyIdentityRole.InitiatorKms)!.Text.ShouldBe(Text(Domain("initiator"), "kms_uri"));
        message.FindIdentity(MikeyIdentityRole.ResponderKms)!.Text.ShouldBe(Text(Domain("receiver"), "kms_uri"));
        message.Payloads.OfType<MikeySecurityPolicy>().Single().Parameters
            .Select(p => (p.ParameterType, Convert.ToHexStringLower(p.Value.Span)))
            .ShouldBe(fields.GetProperty("policy").EnumerateArray().Select(p => (p.GetProperty("type").GetInt32(), Text(p, "value"))));
        ((int)message.Sakke.Scheme).ShouldBe(fields.GetProperty("sakke_scheme").GetInt32());
        message.Sakke.Encapsulated.ToArray().ShouldBe(Hex(fields, "sakke"));
        message.FindExtension(MikeyGeneralExtension.SakkeToSelf)!.Sakke!.Encapsulated.ToArray().ShouldBe(Hex(fields, "sakke_to_self"));
        message.Signature.Value.ToArray().ShouldBe(Hex(fields, "signature"));

        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
    }

    [Fact]
    public void The_golden_message_opens_to_its_key_and_SRTP_keys()
    {
        KeyOpening opening = KeyMessage.Open(Hex(Golden, "message"), GoldenReceiver());

        opening.Result.ShouldBe(KeyOpenResult.Opened);
        using MikeyKey key = opening.Key!;
        TestDomain.Secret(key).ShouldBe(Hex(Golden, "pck"));
        foreach (JsonElement expected in Golden.GetProperty("srtp").EnumerateArray())
        {
            using SrtpKeys keys = key.DeriveSrtpKeys((McCryptoSession)expected.GetProperty("cs_id").GetInt32());
            SrtpKeysTests.Key(keys).ShouldBe(Hex(expected, "master_key"));
            SrtpKeysTests.Salt(keys).ShouldBe(Hex(expected, "master_salt"));
        }
    }

    [Theory]
    [MemberData(nameof(InvalidIds))]
    public void Invalid_messages_are_refused_for_their_reason(int id)
    {
        JsonElement test = _file.GetProperty("tests").EnumerateArray().Single(t => t.GetProperty("id").GetInt32() == id);
        byte[] octets = Hex(test, "message");
        MessageFactory.ReasonOf(octets, out _).ToString().ShouldBe(Text(test, "reason"), Text(test, "comment"));
        KeyMessage.Open(octets, GoldenReceiver()).Result.ShouldBe(KeyOpenResult.Malformed);
    }

    [Fact]
    public void Mutations_of_the_golden_message_are_never_accepted_and_never_throw()
    {
        byte[] golden = Hex(Golden, "message");
        KeyReceiver receiver = GoldenReceiver();
        ulong state = 0x57415443_48574F52;
        int wellFormed = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutated = Mutate(golden, ref state);
            if (!MikeyMessage.TryParse(mutated, out MikeyMessage? message) || mutated.AsSpan().SequenceEqual(golden))
            {
                continue;
            }

            wellFormed++;
            // Spans, because comparing element by element would take most of the time.
            MikeyMessage.Encode(message.Header, message.Payloads).AsSpan().SequenceEqual(mutated).ShouldBeTrue();
            if (wellFormed % 50 == 0)
            {
                KeyMessage.Open(mutated, receiver).IsOpened.ShouldBeFalse();
            }
        }

        wellFormed.ShouldBeGreaterThan(1000);
        receiver.ReplayCache.Count.ShouldBe(0);
    }

    /// <summary>One to four changes: an octet, a bit, a removed or repeated stretch.</summary>
    private static byte[] Mutate(byte[] octets, ref ulong state)
    {
        List<byte> mutated = [.. octets];
        for (int change = Next(ref state, 4); change >= 0 && mutated.Count > 1; change--)
        {
            int at = Next(ref state, mutated.Count);
            int length = Math.Min(1 + Next(ref state, 8), mutated.Count - at);
            switch (Next(ref state, 5))
            {
                case 0:
                    mutated.RemoveRange(at, length);
                    break;
                case 1:
                    mutated.InsertRange(at, mutated.GetRange(at, length));
                    break;
                case 2:
                    mutated[at] = (byte)Next(ref state, 256);
                    break;
                default:
                    mutated[at] ^= (byte)(1 << Next(ref state, 8));
                    break;
            }
        }

        return [.. mutated];
    }

    // xorshift64*: seeded, so that a failure repeats.
    private static int Next(ref ulong state, int bound)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (int)((state * 0x2545F4914F6CDD1D >> 33) % (ulong)bound);
    }

    private static KeyReceiver GoldenReceiver()
    {
        byte[] uid = Hex(_file.GetProperty("receiver"), "uid");
        EccsiPublicKey authority = EccsiPublicKey.Import(Hex(Domain("initiator"), "kpak"));
        return new KeyReceiver
        {
            Uri = Text(_file.GetProperty("receiver"), "uri"),
            Expects = [KeyDistribution.Pck],
            IsDomainAllowed = _ => true,
            ResolveInitiator = _ => InitiatorResolution.Of(new InitiatorKey(authority, Hex(_file.GetProperty("initiator"), "uid"))),
            FindReceiverKeys = _ => [new ReceiverKey(_receiverKey, uid)],
            ReplayCache = new MikeyReplayCache(new TestClock(Time())),
        };
    }

    private static DateTimeOffset Time() => Golden.GetProperty("time").GetDateTimeOffset();

    private static JsonElement Domain(string name) => _file.GetProperty("domains").GetProperty(name);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(Text(element, name));

    private static JsonElement Load()
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "mikey", "pck_message.json")));
        return document.RootElement.Clone();
    }
}

using System.Text.Json;
using CsCheck;

namespace Watchword.Mikey.Tests.Protection;

public sealed class ProtectedPayloadTests
{
    private static readonly JsonElement[] _tests =
        [.. VectorFile.Load("mikey", "protected_payload.json").GetProperty("tests").EnumerateArray()];

    public static TheoryData<int> Ids => [.. _tests.Select(test => test.Number("id"))];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Payloads_of_the_vectors_are_made_and_opened(int id)
    {
        JsonElement test = _tests.Single(t => t.Number("id") == id);
        byte[] octets = test.Hex("octets");
        using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(test.Hex("dppk"), test.Id("dppk_id"));

        key.Protect(HeadOf(test), test.Hex("payload"), test.Hex("iv")).ShouldBe(octets);
        McDataProtectedPayload.TryParse(octets, out McDataProtectedPayload? parsed).ShouldBeTrue();
        parsed.Head.ShouldBe(HeadOf(test));
        parsed.IsSigned.ShouldBeFalse();
        parsed.PayloadAlgorithm.ShouldBe(McDataProtectedPayload.AeadAes128Gcm);
        parsed.DppkId.ShouldBe(test.Id("dppk_id"));
        parsed.Iv.ToArray().ShouldBe(test.Hex("iv"));
        Open(key, octets).ShouldBe(test.Hex("payload"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void No_octet_can_be_changed_removed_or_added(int id)
    {
        JsonElement test = _tests.Single(t => t.Number("id") == id);
        byte[] octets = test.Hex("octets");
        using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(test.Hex("dppk"), test.Id("dppk_id"));
        // The identifier of the element stands behind what is authenticated: it changes, the payload stays what it was.
        int identifier = octets.Length - test.Hex("payload").Length - 16 - 3;
        for (int at = 0; at < octets.Length; at++)
        {
            foreach (int bit in Enumerable.Range(0, 8))
            {
                byte[] changed = (byte[])octets.Clone();
                changed[at] ^= (byte)(1 << bit);
                Open(key, changed).ShouldBe(at == identifier ? test.Hex("payload") : null, $"octet {at}, bit {bit}");
            }

            Open(key, octets.AsSpan(0, at)).ShouldBeNull();
            Open(key, [.. octets[..at], 0, .. octets[at..]]).ShouldBeNull();
        }

        Open(key, [.. octets, 0]).ShouldBeNull();
    }

    [Fact]
    public void Every_payload_comes_back_and_has_an_IV_of_its_own() =>
        Gen.Select(Gen.Byte.Array[16], Gen.UInt, Gen.Byte.Array[0, 400], Gen.Long[0, McDataPayloadHead.MaximumSeconds],
            Gen.Int[0, 63])
            .Sample((dppk, id, payload, seconds, type) =>
            {
                using DataPayloadCipherKey sender = DataPayloadCipherKey.Derive(dppk, id);
                using DataPayloadCipherKey receiver = DataPayloadCipherKey.Derive(dppk, id);
                McDataPayloadHead head = new() { SecondsSince1970 = seconds, MessageType = type, PayloadId = id };
                byte[] first = sender.Protect(head, payload), second = sender.Protect(head, payload);
                first.AsSpan(12, 16).SequenceEqual(second.AsSpan(12, 16)).ShouldBeFalse();
                Open(receiver, first).ShouldBe(payload);
                Open(receiver, second).ShouldBe(payload);
            });

    [Fact]
    public void Another_key_another_identifier_and_another_algorithm_open_nothing()
    {
        byte[] dppk = MessageFactory.Octets(16, 1);
        using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(dppk, 0x10000001);
        byte[] octets = key.Protect(new McDataPayloadHead { SecondsSince1970 = 1 }, "secret"u8);
        Open(key, octets).ShouldBe("secret"u8.ToArray());

        using DataPayloadCipherKey otherKey = DataPayloadCipherKey.Derive(MessageFactory.Octets(16, 2), 0x10000001);
        using DataPayloadCipherKey otherId = DataPayloadCipherKey.Derive(dppk, 0x10000002);
        Open(otherKey, octets).ShouldBeNull();
        Open(otherId, octets).ShouldBeNull();
        octets[11] = 2;
        Open(key, octets).ShouldBeNull();
    }

    [Fact]
    public void Sizes_and_fields_that_do_not_fit_are_refused()
    {
        Should.Throw<ArgumentException>(() => DataPayloadCipherKey.Derive(new byte[15], 0));
        DataPayloadCipherKey key = DataPayloadCipherKey.Derive(new byte[16], 0);
        McDataPayloadHead head = new() { SecondsSince1970 = 0 };
        Should.Throw<ArgumentException>(() => key.Protect(head, new byte[McDataProtectedPayload.MaximumPayloadSizeInBytes + 1]));
        Should.Throw<ArgumentException>(() => key.Protect(head with { MessageType = 64 }, []));
        Should.Throw<ArgumentException>(() => key.Protect(head with { SecondsSince1970 = 1L << 40 }, []));
        byte[] largest = key.Protect(head, new byte[McDataProtectedPayload.MaximumPayloadSizeInBytes]);
        Open(key, largest).ShouldNotBeNull();
        McDataProtectedPayload.TryParse(largest, out McDataProtectedPayload? parsed).ShouldBeTrue();
        Should.Throw<ArgumentException>(() => key.TryUnprotect(parsed, new byte[1]));

        key.ToString().ShouldBe(typeof(DataPayloadCipherKey).FullName);
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.Protect(head, []));
        Should.Throw<ObjectDisposedException>(() => Open(key, largest));
    }

    internal static byte[]? Open(DataPayloadCipherKey key, ReadOnlySpan<byte> octets)
    {
        if (!McDataProtectedPayload.TryParse(octets, out McDataProtectedPayload? parsed))
        {
            return null;
        }

        byte[] payload = new byte[parsed.PayloadSizeInBytes];
        return key.TryUnprotect(parsed, payload) ? payload : null;
    }

    private static McDataPayloadHead HeadOf(JsonElement test)
    {
        JsonElement signalling = test.GetProperty("signalling_algorithm");
        return new McDataPayloadHead
        {
            MessageType = test.Number("message_type"),
            SecondsSince1970 = test.GetProperty("seconds").GetInt64(),
            PayloadId = test.Id("payload_id"),
            SequenceNumber = (byte)test.Number("sequence_number"),
            SignallingAlgorithm = signalling.ValueKind == JsonValueKind.Null ? null : signalling.GetByte(),
            PayloadIdentifier = (byte)test.Number("payload_identifier"),
        };
    }
}

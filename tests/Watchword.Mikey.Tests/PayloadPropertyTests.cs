using CsCheck;

namespace Watchword.Mikey.Tests;

/// <summary>Laws of the codec: what is written is read, what is read is written alike, and nothing else is ever thrown.</summary>
public class PayloadPropertyTests
{
    private static readonly Gen<string> _uri = Gen.String[Gen.OneOf(Gen.Char['!', '~'], Gen.Char['\u00a1', '\u04ff']), 1, 60];

    private static readonly Gen<MikeyTimestamp> _timestamp = Gen.OneOf(
        Gen.ULong.Select(v => new MikeyTimestamp(MikeyTimestampType.NtpUtc, v)),
        Gen.ULong.Select(v => new MikeyTimestamp(MikeyTimestampType.Ntp, v)),
        Gen.UInt.Select(v => new MikeyTimestamp(MikeyTimestampType.Counter, v)));

    private static readonly Gen<MikeySecurityPolicy> _policy =
        from number in Gen.Int[0, 255]
        from types in Gen.Int[0, 255].HashSet[0, 12]
        from values in Gen.Byte.Array[1, 9].Array[12]
        select new MikeySecurityPolicy(number, types.Select((type, i) => new MikeyPolicyParameter(type, values[i])));

    private static readonly Gen<MikeySakke> _sakke =
        from scheme in Gen.Int[1, 2]
        from octets in Gen.Byte.Array[273]
        select new MikeySakke((MikeyIdentifierScheme)scheme, octets);

    private static readonly Gen<MikeyCsIdMap> _map = Gen.OneOf(
        Gen.Const(MikeyCsIdMap.Empty),
        Gen.Select(Gen.Int[0, 255], Gen.UInt, Gen.UInt).Array[0, 6]
            .Select(all => (MikeyCsIdMap)new MikeySrtpIdMap(all.Select(s => new MikeySrtpSession(s.Item1, s.Item2, s.Item3)))),
        Gen.Select(Gen.Int[0, 255].HashSet[1, 6], Gen.Bool, Gen.Byte.Array[0, 5], Gen.Byte.Array[0, 20], Gen.Byte.Array[0, 8])
            .Select((ids, flag, policies, data, spi) => (MikeyCsIdMap)new MikeyGenericIdMap(
                ids.Select(id => new MikeyGenericSession(id, flag, policies, data, spi)))));

    private static readonly Gen<MikeyPayload[]> _payloads =
        from timestamp in _timestamp
        from random in Gen.Byte.Array[16, 255]
        from uris in _uri.Array[4]
        from uids in Gen.Byte.Array[32].Array[2]
        from hidden in Gen.Bool
        from policies in _policy.Array[0, 3]
        from sakke in _sakke
        from toSelf in Gen.OneOf(Gen.Const((MikeySakke?)null), _sakke.Select(s => (MikeySakke?)s))
        from extensions in Gen.Select(Gen.Int[8, 255], Gen.Byte.Array[0, 50]).Array[0, 4]
        from signature in Gen.Byte.Array[129]
        select (MikeyPayload[])
        [
            timestamp,
            new MikeyRandom(random),
            hidden ? MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, uids[0]) : MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, uris[0]),
            hidden ? MikeyIdentity.FromUid(MikeyIdentityRole.ResponderUid, uids[1]) : MikeyIdentity.FromUri(MikeyIdentityRole.Responder, uris[1]),
            MikeyIdentity.FromUri(MikeyIdentityRole.InitiatorKms, uris[2]),
            MikeyIdentity.FromUri(MikeyIdentityRole.ResponderKms, uris[3]),
            .. policies.DistinctBy(p => p.PolicyNumber),
            sakke,
            .. toSelf is null ? (MikeyPayload[])[] : [MikeyGeneralExtension.FromSakkeToSelf(toSelf)],
            .. extensions.Select(e => new MikeyGeneralExtension(e.Item1, e.Item2)),
            new MikeySignature(signature),
        ];

    [Fact]
    public void Messages_read_back_as_they_were_written() => Gen.Select(Gen.UInt, _map, _payloads).Sample((csbId, map, payloads) =>
    {
        byte[] octets = MikeyMessage.Encode(new MikeyHeader(csbId, map), payloads);
        MikeyMessage read = MikeyMessage.Parse(octets);
        read.Header.CsbId.ShouldBe(csbId);
        read.Header.Map.Count.ShouldBe(map.Count);
        read.Payloads.Select(p => (p.PayloadType, p.SizeInBytes)).ShouldBe(payloads.Select(p => (p.PayloadType, p.SizeInBytes)));
        MikeyMessage.Encode(read.Header, read.Payloads).AsSpan().SequenceEqual(octets).ShouldBeTrue();
    });

    [Fact]
    public void A_changed_octet_gives_a_message_that_is_written_alike_or_the_exception_of_the_format() =>
        Gen.Select(_map, _payloads, Gen.UInt, Gen.Byte).Sample((map, payloads, at, value) =>
        {
            byte[] octets = MikeyMessage.Encode(new MikeyHeader(0, map), payloads);
            octets[at % octets.Length] = value;
            if (MikeyMessage.TryParse(octets, out MikeyMessage? read))
            {
                MikeyMessage.Encode(read.Header, read.Payloads).AsSpan().SequenceEqual(octets).ShouldBeTrue();
            }
            else
            {
                Should.Throw<MikeyFormatException>(() => MikeyMessage.Parse(octets)).Offset.ShouldBeInRange(0, octets.Length);
            }
        });

    [Fact]
    public void Octets_of_any_kind_give_no_other_exception() => Gen.Byte.Array[0, 700].Sample(octets =>
    {
        _ = MikeyMessage.TryParse(octets, out _);
        octets = [1, 26, 5, 1, .. octets];
        _ = MikeyMessage.TryParse(octets, out _);
    });

    [Fact]
    public void The_number_of_payloads_is_bounded()
    {
        MikeyPayload[] many = [.. Enumerable.Range(0, 64 - 9).Select(_ => new MikeyGeneralExtension(9, default))];
        byte[] octets = MessageFactory.Message(many);
        MikeyMessage.Parse(octets).Payloads.Count.ShouldBe(64);
        Should.Throw<ArgumentException>(() => MessageFactory.Message([.. many, many[0]]));
        List<(byte Type, byte[] Body)> raw = MessageFactory.RawPayloads(many);
        raw.Insert(raw.Count - 1, (21, [9, 0, 0]));
        MessageFactory.ReasonOf(MessageFactory.Chain([.. raw]), out _).ShouldBe(MikeyFormatReason.TooMany);
    }

    /// <summary>Lengths and counts that promise more than there is cost no memory.</summary>
    [Fact]
    public void Promises_of_a_hostile_sender_cost_nothing()
    {
        byte[] manySessions = [1, 26, 5, 1, 0, 0, 0, 0, 255, 2, 1];
        byte[] manyParameters = [.. MessageFactory.Chain((5, [0, 0, 0, 0, 0, 0, 0, 0, 0]), (11, [16, .. new byte[16]]), (10, [0, 0, 0xFF, 0xFF]))];
        foreach (byte[] octets in new[] { manySessions, manyParameters })
        {
            // The least of several runs: what the runtime makes for itself, such as its table of casts, grows now and then.
            long least = long.MaxValue;
            for (int i = 0; i < 8; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                bool isTaken = MikeyMessage.TryParse(octets, out _);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                isTaken.ShouldBeFalse();
            }

            least.ShouldBeLessThan(8192);
        }
    }
}

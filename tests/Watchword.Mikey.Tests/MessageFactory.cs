namespace Watchword.Mikey.Tests;

/// <summary>Well-formed messages for tests of the codec; their cryptographic fields are arbitrary octets.</summary>
internal static class MessageFactory
{
    public const uint PckId = 0x1234_5678;

    public static byte[] Octets(int length, byte first) => [.. Enumerable.Range(0, length).Select(i => (byte)(first + i))];

    public static List<MikeyPayload> Payloads(params MikeyPayload[] extra) =>
    [
        new MikeyTimestamp(MikeyTimestampType.NtpUtc, 0xD6B4_3232_8000_0000),
        new MikeyRandom(Octets(16, 0x40)),
        MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, "sip:alice@example.org"),
        MikeyIdentity.FromUri(MikeyIdentityRole.Responder, "sip:bob@example.org"),
        MikeyIdentity.FromUri(MikeyIdentityRole.InitiatorKms, "kms.example.org"),
        MikeyIdentity.FromUri(MikeyIdentityRole.ResponderKms, "kms.example.net"),
        MikeySecurityPolicy.PrivateCallDefault,
        new MikeySakke(MikeyIdentifierScheme.HashedUid, Octets(273, 4)),
        .. extra,
        new MikeySignature(Octets(129, 1)),
    ];

    public static byte[] Message(params MikeyPayload[] extra) => Encode(Payloads(extra));

    public static byte[] Encode(List<MikeyPayload> payloads, MikeyCsIdMap? map = null) =>
        MikeyMessage.Encode(new MikeyHeader(PckId, map ?? MikeyCsIdMap.Empty), payloads);

    /// <summary>Chains raw payloads as the codec would never write them: each entry is (type, octets after the next-payload octet).</summary>
    public static byte[] Chain(params (byte Type, byte[] Body)[] payloads)
    {
        List<byte> octets = [1, 26, payloads[0].Type, 1, 0x12, 0x34, 0x56, 0x78, 0, 1];
        for (int i = 0; i < payloads.Length; i++)
        {
            if (payloads[i].Type != (byte)MikeyPayloadType.Signature)
            {
                octets.Add(i + 1 < payloads.Length ? payloads[i + 1].Type : (byte)0);
            }

            octets.AddRange(payloads[i].Body);
        }

        return [.. octets];
    }

    /// <summary>The payloads of the ordinary message as <see cref="Chain"/> takes them.</summary>
    public static List<(byte Type, byte[] Body)> RawPayloads(params MikeyPayload[] extra)
    {
        MikeyMessage message = MikeyMessage.Parse(Message(extra));
        int offset = message.Header.SizeInBytes;
        List<(byte, byte[])> result = [];
        foreach (MikeyPayload payload in message.Payloads)
        {
            int skip = payload is MikeySignature ? 0 : 1;
            result.Add(((byte)payload.PayloadType, message.Octets.Slice(offset + skip, payload.SizeInBytes - skip).ToArray()));
            offset += payload.SizeInBytes;
        }

        return result;
    }

    public static MikeyFormatReason ReasonOf(ReadOnlySpan<byte> octets, out int offset)
    {
        MikeyMessage.TryParse(octets, out MikeyMessage? none).ShouldBeFalse();
        none.ShouldBeNull();
        byte[] copy = octets.ToArray();
        MikeyFormatException e = Should.Throw<MikeyFormatException>(() => MikeyMessage.Parse(copy));
        e.Offset.ShouldBeInRange(0, octets.Length);
        offset = e.Offset;
        return e.Reason;
    }
}

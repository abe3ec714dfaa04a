namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// Floor control (TS 24.380) and transmission control (TS 24.581) over SRTCP, between client and server and by multicast.
/// </summary>
public sealed class ControlTests
{
    private const uint ClientSsrc = 0x44444444;

    public static TheoryData<string> Messages => ["floor request", "floor granted", "transmission request"];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_under_the_CSK_is_read_by_the_server_and_by_nobody_with_another_key(string message)
    {
        byte[] control = Message(message);
        McCryptoSession session = Session(message);
        DistributedKey csk = DistributedKeys.Csk;
        using SrtpSession client = Unicast(csk.Key, csk.KeyId, session);
        using SrtpSession server = Unicast(csk.Key, csk.KeyId, session);
        byte[] packet = client.ProtectControl(control);
        packet.AsSpan().IndexOf(control.AsSpan(8)).ShouldBe(-1);
        Refusals.OfEveryChange(packet, server.OpenControl);
        server.OpenControl(packet).ShouldBe(control);
        server.OpenControl(packet).ShouldBeNull("replayed");

        McCryptoSession other = session == McCryptoSession.CskMcpttSrtcp
            ? McCryptoSession.CskMcVideoSrtcp : McCryptoSession.CskMcpttSrtcp;
        using SrtpSession otherSession = Unicast(csk.Key, csk.KeyId, other);
        using SrtpSession otherId = Unicast(csk.Key, csk.KeyId + 1, session);
        using SrtpSession otherKey = Unicast(MessageFactory.Octets(16, 1), csk.KeyId, session);
        byte[] again = client.ProtectControl(control);
        otherSession.OpenControl(again).ShouldBeNull();
        otherId.OpenControl(again).ShouldBeNull();
        otherKey.OpenControl(again).ShouldBeNull();
        server.OpenControl(again).ShouldBe(control);
    }

    [Theory]
    [InlineData(McCryptoSession.MusikMcpttSrtcp)]
    [InlineData(McCryptoSession.MusikMcVideoSrtcp)]
    public void A_message_by_multicast_under_the_MuSiK_is_read_by_every_client(McCryptoSession session)
    {
        byte[] control = session == McCryptoSession.MusikMcpttSrtcp
            ? Packets.FloorGranted(ClientSsrc)
            : Packets.TransmissionRequest(ClientSsrc, TestDomain.AliceUri);
        using SrtpSession server = Multicast(session);
        using SrtpSession first = Multicast(session);
        using SrtpSession second = Multicast(session);
        byte[] packet = server.ProtectControl(control);
        first.OpenControl(packet).ShouldBe(control);
        second.OpenControl(packet).ShouldBe(control);
        second.OpenControl(packet).ShouldBeNull("replayed");

        using SrtpSession other = Multicast(
            session == McCryptoSession.MusikMcpttSrtcp ? McCryptoSession.MusikMcVideoSrtcp : McCryptoSession.MusikMcpttSrtcp);
        other.OpenControl(packet).ShouldBeNull();
    }

    private static byte[] Message(string name) => name switch
    {
        "floor request" => Packets.FloorRequest(ClientSsrc, TestDomain.AliceUri),
        "floor granted" => Packets.FloorGranted(ClientSsrc),
        _ => Packets.TransmissionRequest(ClientSsrc, TestDomain.AliceUri),
    };

    private static McCryptoSession Session(string name) =>
        name == "transmission request" ? McCryptoSession.CskMcVideoSrtcp : McCryptoSession.CskMcpttSrtcp;

    private static SrtpSession Unicast(byte[] key, uint keyId, McCryptoSession session) => PrivateCallMediaTests.Session(
        SrtpContext.ForUnicastControl(key, keyId, session, DistributedKeys.Csk.Random), ClientSsrc);

    private static SrtpSession Multicast(McCryptoSession session) => PrivateCallMediaTests.Session(
        SrtpContext.ForMulticastControl(DistributedKeys.Musik.Key, DistributedKeys.Musik.KeyId, session,
            DistributedKeys.Musik.Random),
        ClientSsrc);
}

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// Floor control (TS 24.380) and transmission control (TS 24.581) over SRTCP, between client and server under a CSK that was
/// uploaded or downloaded in an I_MESSAGE, and by multicast under a MuSiK that each client opened from a message of his own.
/// </summary>
public sealed class ControlTests
{
    private const uint Ssrc = 0x44444444;

    public static TheoryData<string, string> Messages =>
    [
        .. from distribution in KeyDistribution.All
           where distribution.Purpose == KeyPurpose.Csk
           from message in new[] { "floor request", "floor granted", "transmission request" }
           select (distribution.Name, message),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_under_the_CSK_is_read_by_the_other_end_and_by_nobody_with_another_key(string name, string message)
    {
        (MikeyKey made, MikeyKey received) = DistributedKeys.Between(KeyDistribution.All.Single(d => d.Name == name));
        byte[] control = Message(message);
        McCryptoSession session = SessionOf(message);
        using SrtpSession sender = Session(made, session);
        using SrtpSession receiver = Session(received, session);
        byte[] packet = sender.ProtectControl(control);
        packet.AsSpan().IndexOf(control.AsSpan(8)).ShouldBe(-1);
        Refusals.OfEveryChange(packet, receiver.OpenControl);
        receiver.OpenControl(packet).ShouldBe(control);
        receiver.OpenControl(packet).ShouldBeNull("replayed");

        McCryptoSession other = session == McCryptoSession.CskMcpttSrtcp
            ? McCryptoSession.CskMcVideoSrtcp
            : McCryptoSession.CskMcpttSrtcp;
        using MikeyKey withOtherId = MikeyKey.Import(received.KeyId ^ 1, TestDomain.Secret(received), received.Random.Span);
        using MikeyKey otherCsk = MikeyKey.Generate(KeyPurpose.Csk);
        using SrtpSession otherSession = Session(received, other);
        using SrtpSession otherId = Session(withOtherId, session);
        using SrtpSession otherKey = Session(otherCsk, session);
        byte[] again = sender.ProtectControl(control);
        otherSession.OpenControl(again).ShouldBeNull();
        otherId.OpenControl(again).ShouldBeNull();
        otherKey.OpenControl(again).ShouldBeNull();
        receiver.OpenControl(again).ShouldBe(control);
        made.Dispose();
        received.Dispose();
    }

    [Theory]
    [InlineData(McCryptoSession.MusikMcpttSrtcp)]
    [InlineData(McCryptoSession.MusikMcVideoSrtcp)]
    public void A_message_by_multicast_under_the_MuSiK_is_read_by_every_client(McCryptoSession session)
    {
        byte[] control = session == McCryptoSession.MusikMcpttSrtcp
            ? Packets.FloorGranted(Ssrc)
            : Packets.TransmissionRequest(Ssrc, TestDomain.AliceUri);
        (MikeyKey made, MikeyKey[] keys) =
            DistributedKeys.ToAll(KeyDistribution.Musik, TestDomain.AliceUri, TestDomain.BobUri);
        using SrtpSession server = Session(made, session);
        using SrtpSession alice = Session(keys[0], session);
        using SrtpSession bob = Session(keys[1], session);
        byte[] packet = server.ProtectControl(control);
        alice.OpenControl(packet).ShouldBe(control);
        bob.OpenControl(packet).ShouldBe(control);
        bob.OpenControl(packet).ShouldBeNull("replayed");

        using SrtpSession other = Session(keys[1], session == McCryptoSession.MusikMcpttSrtcp
            ? McCryptoSession.MusikMcVideoSrtcp
            : McCryptoSession.MusikMcpttSrtcp);
        other.OpenControl(packet).ShouldBeNull();
        made.Dispose();
        Array.ForEach(keys, key => key.Dispose());
    }

    private static byte[] Message(string name) => name switch
    {
        "floor request" => Packets.FloorRequest(Ssrc, TestDomain.AliceUri),
        "floor granted" => Packets.FloorGranted(Ssrc),
        _ => Packets.TransmissionRequest(Ssrc, TestDomain.AliceUri),
    };

    private static McCryptoSession SessionOf(string message) =>
        message == "transmission request" ? McCryptoSession.CskMcVideoSrtcp : McCryptoSession.CskMcpttSrtcp;

    private static SrtpSession Session(MikeyKey key, McCryptoSession session) =>
        SrtpSession.Of(key.DeriveSrtpContext(session), Ssrc);
}

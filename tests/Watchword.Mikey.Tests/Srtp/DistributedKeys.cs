namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// A key as both ends hold it after its distribution: octets, identifier, and RAND of the message that carried it.
/// </summary>
internal sealed record DistributedKey(byte[] Key, uint KeyId, byte[] Random);

/// <summary>
/// How the two ends of the tests come to their keys. A PCK comes in an I_MESSAGE that one end makes and the other opens. This is
/// the one place where the other keys come as octets.
/// </summary>
internal static class DistributedKeys
{
    public static DistributedKey Gmk { get; } = new(MessageFactory.Octets(16, 0x31), 0x0A0B0C0D, MessageFactory.Octets(16, 0x41));

    public static DistributedKey Csk { get; } = new(MessageFactory.Octets(16, 0x51), 0x2A0B0C0D, MessageFactory.Octets(16, 0x61));

    public static DistributedKey Musik { get; } = new(MessageFactory.Octets(16, 0x71), 0x6A0B0C0D,
        MessageFactory.Octets(16, 0x81));

    /// <summary>Alice makes a PCK and its message, Bob opens the message: each end has a key of its own making.</summary>
    public static (PckMessage Sent, PrivateCallKey Received) PrivateCall()
    {
        PckMessage sent = PckMessage.Create(TestDomain.Home.Request());
        PckOpening opening = PckMessage.Open(sent.Octets.Span, TestDomain.Home.Bob());
        opening.Result.ShouldBe(PckOpenResult.Opened);
        return (sent, opening.Key!);
    }
}

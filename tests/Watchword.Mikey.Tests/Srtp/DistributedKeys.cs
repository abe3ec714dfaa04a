namespace Watchword.Mikey.Tests.Srtp;

/// <summary>How the ends of the tests come to their keys: one makes a key and its message, the others open the message.</summary>
internal static class DistributedKeys
{
    /// <summary>A key at the end that made it, and at the end that opened its message.</summary>
    public static (MikeyKey Made, MikeyKey Received) Between(KeyDistribution distribution)
    {
        MikeyKey made = MikeyKey.Generate(distribution.Purpose);
        return (made, Opened(TestDomain.Home.Make(distribution, made), TestDomain.Home.Opener(distribution)));
    }

    /// <summary>One key at the end that made it, and as each of many receivers opened it, from a message of his own.</summary>
    public static (MikeyKey Made, MikeyKey[] Received) ToAll(KeyDistribution distribution, params string[] receivers)
    {
        MikeyKey made = MikeyKey.Generate(distribution.Purpose);
        byte[][] messages = KeyMessage.CreateAll(
            distribution,
            made,
            TestDomain.Home.Sender(TestDomain.EndsOf(distribution).Initiator),
            [.. receivers.Select(uri => TestDomain.Home.Recipient(uri))],
            TestDomain.Now);
        IEnumerable<MikeyKey> opened = messages.Zip(
            receivers, (message, uri) => Opened(message, TestDomain.Home.Opener(distribution, uri: uri)));
        return (made, [.. opened]);
    }

    private static MikeyKey Opened(byte[] message, KeyReceiver receiver)
    {
        KeyOpening opening = KeyMessage.Open(message, receiver);
        opening.Result.ShouldBe(KeyOpenResult.Opened);
        return opening.Key!;
    }
}

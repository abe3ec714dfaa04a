using System.Text.Json;
using Watchword.Cryptography;

namespace Watchword.Mikey.Tests;

/// <summary>Committed messages of every purpose, with everything in them; an implementation in Python recomputed them.</summary>
public class KeyMessageVectorTests
{
    private static readonly JsonElement _file = VectorFile.Load("mikey", "key_messages.json");
    private static readonly EccsiPublicKey _authority = EccsiPublicKey.Import(_file.Hex("kpak"));
    private static readonly SakkePublicKey _domain = SakkePublicKey.Import(_file.Hex("z"));

    public static TheoryData<int> Ids => [.. _file.GetProperty("tests").EnumerateArray().Select(t => t.Number("id"))];

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_receiver_opens_it(int id) => Check(Test(id), "receiver", own: false);

    [Theory]
    [MemberData(nameof(Ids))]
    public void Another_device_of_the_initiator_opens_it(int id) => Check(Test(id), "initiator", own: true);

    [Theory]
    [MemberData(nameof(Ids))]
    public void It_is_written_as_it_was_read(int id)
    {
        byte[] octets = Test(id).Hex("message");
        MikeyMessage message = MikeyMessage.Parse(octets);
        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
    }

    private static JsonElement Test(int id) => _file.GetProperty("tests").EnumerateArray().Single(t => t.Number("id") == id);

    private static void Check(JsonElement test, string who, bool own)
    {
        using SakkeReceiverKey key = SakkeReceiverKey.Import(_domain, test.Hex($"{who}_uid"), test.Hex($"{who}_rsk"));
        KeyOpening opening = KeyMessage.Open(test.Hex("message"), new KeyReceiver
        {
            Uri = test.Text($"{who}_uri"),
            Expects = [KeyMessageTests.Named(test.Text("distribution"))],
            IsDomainAllowed = claims => claims.InitiatorKmsUri == _file.Text("kms_uri"),
            ResolveInitiator = _ => InitiatorResolution.Of(new InitiatorKey(_authority, test.Hex("initiator_uid"))),
            FindReceiverKeys = _ => [new ReceiverKey(key, test.Hex($"{who}_uid"))],
            ReplayCache = new MikeyReplayCache(new TestClock(DateTimeOffset.Parse(_file.Text("time"), null))),
            OpensOwnMessages = own,
        });

        opening.Result.ShouldBe(KeyOpenResult.Opened);
        using MikeyKey opened = opening.Key!;
        TestDomain.Secret(opened).ShouldBe(test.Hex("key"));
        (opened.KeyId, opening.Claims!.CsbId).ShouldBe((test.Id("key_id"), test.Id("csb_id")));
        opened.Random.ToArray().ShouldBe(test.Hex("rand"));
        opening.Parameters!.Encode().ShouldBe(test.Hex("parameters"));
    }
}

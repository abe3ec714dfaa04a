using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography.Tests.Sakke;

public sealed class SakkeVectorTests
{
    /// <summary>Valid keys that many vectors share; importing one costs an order check or a pairing.</summary>
    private static readonly ConcurrentDictionary<string, SakkePublicKey> PublicKeyCache = new();

    private static readonly ConcurrentDictionary<string, SakkeReceiverKey> ReceiverKeyCache = new();

    public static TheoryData<int, string> PublicKeys => Vectors.Cases("sakke/public_key.json");

    public static TheoryData<int, string> ReceiverKeys => Vectors.Cases("sakke/receiver_key.json");

    public static TheoryData<int, string> Encapsulations => Vectors.Cases("sakke/encapsulate.json");

    public static TheoryData<int, string> Decapsulations => Vectors.Cases("sakke/decapsulate.json");

    [Theory]
    [MemberData(nameof(PublicKeys))]
    public void Public_keys(int id, string comment)
    {
        JsonElement test = Vectors.Case("sakke/public_key.json", id);
        byte[] octets = test.Octets("publicKey");
        SakkePublicKey.TryImport(octets, out SakkePublicKey? key).ShouldBe(test.IsValid(), comment);
        key?.Export().ShouldBe(octets);
    }

    [Theory]
    [MemberData(nameof(ReceiverKeys))]
    public void Receiver_keys(int id, string comment)
    {
        JsonElement test = Vectors.Case("sakke/receiver_key.json", id);
        byte[] rsk = test.Octets("rsk");
        bool valid = SakkeReceiverKey.TryImport(PublicKey(test), test.Octets("identity"), rsk, out SakkeReceiverKey? key);
        valid.ShouldBe(test.IsValid(), comment);
        using (key)
        {
            if (key is not null)
            {
                byte[] exported = new byte[SakkeReceiverKey.SizeInBytes];
                key.Export(exported);
                exported.ShouldBe(rsk);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encapsulations))]
    public void Encapsulation(int id, string comment)
    {
        JsonElement test = Vectors.Case("sakke/encapsulate.json", id);
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        PublicKey(test).EncapsulateSecret(test.Octets("identity"), test.Octets("ssv"), encapsulated);
        encapsulated.ShouldBe(test.Octets("encapsulated"), comment);

        byte[] power = new byte[TargetGroupElement.SizeInBytes];
        SakkeHash.ToScalar(test.Octets("ssv"), test.Octets("identity"), out SakkeScalar r);
        SakkeTargetGroup.PowerOfGenerator(r).Encode(power);
        power.ShouldBe(test.Octets("g_r"));
    }

    [Theory]
    [MemberData(nameof(Decapsulations))]
    public void Decapsulation(int id, string comment)
    {
        JsonElement test = Vectors.Case("sakke/decapsulate.json", id);
        byte[] sharedSecret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        sharedSecret.AsSpan().Fill(0xAA);
        ReceiverKey(test).TryDecapsulate(test.Octets("encapsulated"), sharedSecret).ShouldBe(test.IsValid(), comment);
        sharedSecret.ShouldBe(test.IsValid() ? test.Octets("ssv") : new byte[SakkePublicKey.SharedSecretSizeInBytes]);
    }

    [Fact]
    public void The_vectors_hold_leading_zeros_where_peers_lost_them()
    {
        // One message in a hundred or so fails against a peer that exports g^r, w or H by its significant octets.
        JsonElement[] tests = [.. Vectors.Tests("sakke/encapsulate.json").Where(test =>
            test.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "LeadingZero"))];
        tests.ShouldContain(test => test.Octets("g_r")[0] == 0);
        tests.ShouldContain(test => test.Octets("encapsulated")[257] == 0);
        tests.ShouldContain(test => test.Octets("encapsulated")[1] == 0);
        tests.ShouldContain(test => test.Octets("encapsulated")[129] == 0);
        tests.ShouldAllBe(test => test.Octets("g_r").Length == 128 && test.Octets("encapsulated").Length == 273);
    }

    [Fact]
    public void A_refused_key_throws_on_import()
    {
        JsonElement test = Vectors.Tests("sakke/receiver_key.json").First(candidate => !candidate.IsValid());
        SakkePublicKey authority = PublicKey(test);
        Should.Throw<CryptographicException>(() =>
            SakkeReceiverKey.Import(authority, test.Octets("identity"), test.Octets("rsk")));
        Should.Throw<CryptographicException>(() => SakkePublicKey.Import(new byte[257]));
    }

    private static SakkePublicKey PublicKey(JsonElement test) =>
        PublicKeyCache.GetOrAdd(test.Text("publicKey"), _ => SakkePublicKey.Import(test.Octets("publicKey")));

    private static SakkeReceiverKey ReceiverKey(JsonElement test) => ReceiverKeyCache.GetOrAdd(
        test.Text("rsk"), _ => SakkeReceiverKey.Import(PublicKey(test), test.Octets("identity"), test.Octets("rsk")));
}

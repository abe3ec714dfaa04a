using System.Text.Json;

namespace Watchword.Cryptography.Tests.Sakke;

/// <summary>
/// A deployed sender hashes g^r without its leading zeros (RFC 6508 §6.2.1 has 128 octets): what it sends is told apart.
/// </summary>
public sealed class UnpaddedSenderTests
{
    private static readonly JsonElement Vector = Vectors.Load("sakke/unpadded_sender.json");

    [Fact]
    public void What_it_sends_is_recognised_and_does_not_decapsulate()
    {
        using SakkeReceiverKey key = Key(Vector.Octets("identity"), Vector.Octets("rsk"));
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];

        key.TryDecapsulate(Vector.Octets("unpadded"), secret).ShouldBeFalse();
        key.IsOfUnpaddedSenderVarTime(Vector.Octets("unpadded")).ShouldBeTrue();

        key.TryDecapsulate(Vector.Octets("padded"), secret).ShouldBeTrue();
        secret.ShouldBe(Vector.Octets("ssv"));
        key.IsOfUnpaddedSenderVarTime(Vector.Octets("padded")).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_else_is_taken_for_it()
    {
        using SakkeReceiverKey key = Key(Vector.Octets("identity"), Vector.Octets("rsk"));
        byte[] encapsulated = Vector.Octets("unpadded");
        key.IsOfUnpaddedSenderVarTime(encapsulated.AsSpan(0, encapsulated.Length - 1)).ShouldBeFalse();
        key.IsOfUnpaddedSenderVarTime([]).ShouldBeFalse();
        encapsulated[^1] ^= 1;
        key.IsOfUnpaddedSenderVarTime(encapsulated).ShouldBeFalse();
        encapsulated[^1] ^= 1;
        encapsulated[5] ^= 1;
        key.IsOfUnpaddedSenderVarTime(encapsulated).ShouldBeFalse();
        byte[] ordinary = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        key.Authority.Encapsulate(Vector.Octets("identity"), new byte[SakkePublicKey.SharedSecretSizeInBytes], ordinary);
        key.IsOfUnpaddedSenderVarTime(ordinary).ShouldBeFalse();
    }

    [Fact]
    public void A_key_that_was_disposed_tells_nothing()
    {
        SakkeReceiverKey key = Key(Vector.Octets("identity"), Vector.Octets("rsk"));
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.IsOfUnpaddedSenderVarTime(Vector.Octets("unpadded")));
    }

    private static SakkeReceiverKey Key(byte[] identity, byte[] rsk) =>
        SakkeReceiverKey.Import(SakkePublicKey.Import(Vector.Octets("publicKey")), identity, rsk);
}

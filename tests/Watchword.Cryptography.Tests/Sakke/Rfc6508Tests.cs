using System.Text.Json;
using Watchword.Cryptography.Pairing;
using Watchword.Cryptography.Sakke;

namespace Watchword.Cryptography.Tests.Sakke;

/// <summary>RFC 6508 Appendix A, every intermediate value that the code has.</summary>
public sealed class Rfc6508Tests
{
    private static readonly JsonElement Vector = Vectors.Tests("sakke/rfc6508_appendix_a.json").Single();

    private static byte[] Identity => Vector.Octets("identity");

    [Fact]
    public void The_public_key_follows_from_the_master_secret()
    {
        using SakkeMasterKey master = SakkeMasterKey.Import(Vector.Octets("z"));
        master.PublicKey.Export().ShouldBe(Vector.Octets("Z"));
    }

    [Fact]
    public void The_receiver_key_follows_from_the_master_secret()
    {
        using SakkeMasterKey master = SakkeMasterKey.Import(Vector.Octets("z"));
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        byte[] rsk = new byte[SakkeReceiverKey.SizeInBytes];
        key.Export(rsk);
        rsk.ShouldBe(Vector.Octets("rsk"));
        key.IsOnCurve().ShouldBeTrue();
        key.Validate().ShouldBeTrue();
    }

    [Fact]
    public void The_scalar_the_power_and_the_mask_are_the_appendix_ones()
    {
        byte[] encoded = new byte[128];
        byte[] mask = new byte[16];
        SakkeHash.ToScalar(Vector.Octets("ssv"), Identity, out SakkeScalar r);
        r.Encode(encoded);
        encoded.ShouldBe(Vector.Octets("r"));
        SakkeTargetGroup.PowerOfGenerator(r).Encode(encoded);
        encoded.ShouldBe(Vector.Octets("g_r"));
        SakkeHash.ToMask(encoded, mask);
        mask.ShouldBe(Vector.Octets("mask"));
    }

    [Fact]
    public void The_encapsulated_data_follow_from_the_shared_secret()
    {
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        SakkePublicKey.Import(Vector.Octets("Z")).EncapsulateSecret(Identity, Vector.Octets("ssv"), encapsulated);
        encapsulated.ShouldBe(Vector.Octets("encapsulated"));
    }

    [Fact]
    public void The_receiver_recovers_the_shared_secret()
    {
        using SakkeReceiverKey key = SakkeReceiverKey.Import(
            SakkePublicKey.Import(Vector.Octets("Z")), Identity, Vector.Octets("rsk"));
        byte[] sharedSecret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        key.TryDecapsulate(Vector.Octets("encapsulated"), sharedSecret).ShouldBeTrue();
        sharedSecret.ShouldBe(Vector.Octets("ssv"));
    }
}

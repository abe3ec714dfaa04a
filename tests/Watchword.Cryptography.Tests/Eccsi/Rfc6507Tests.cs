using System.Text.Json;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography.Tests.Eccsi;

/// <summary>RFC 6507 Appendix A, every intermediate value that the code has.</summary>
public sealed class Rfc6507Tests
{
    private static readonly JsonElement Vector = Vectors.Tests("eccsi/rfc6507_appendix_a.json").Single();

    private static byte[] Identity => Vector.Octets("identity");

    [Fact]
    public void The_public_key_follows_from_the_master_key()
    {
        using EccsiMasterKey master = EccsiMasterKey.Import(Vector.Octets("ksak"));
        master.PublicKey.Export().ShouldBe(Vector.Octets("kpak"));
    }

    [Fact]
    public void The_signing_key_follows_from_v()
    {
        using EccsiMasterKey master = EccsiMasterKey.Import(Vector.Octets("ksak"));
        EccsiScalars.TryDecode(Vector.Octets("v"), out P256Scalar v).ShouldBeTrue();
        using EccsiSigningKey? key = master.TryIssue(Identity, ref v);
        byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        key.ShouldNotBeNull().ExportSecret(ssk);
        key.ExportPublicToken(pvt);
        ssk.ShouldBe(Vector.Octets("ssk"));
        pvt.ShouldBe(Vector.Octets("pvt"));
        v.IsZero().Reveal().ShouldBeTrue("v is erased");
    }

    [Fact]
    public void The_hashes_are_the_appendix_ones()
    {
        byte[] hs = new byte[32];
        byte[] he = new byte[32];
        EccsiHash.IdentityHash(Vector.Octets("kpak"), Identity, Vector.Octets("pvt"), hs);
        EccsiHash.MessageHash(hs, Vector.Octets("r"), Vector.Octets("message"), he);
        hs.ShouldBe(Vector.Octets("hs"));
        he.ShouldBe(Vector.Octets("he"));
    }

    [Fact]
    public void The_signature_follows_from_j()
    {
        using EccsiSigningKey key = ImportKey();
        EccsiScalars.TryDecode(Vector.Octets("j"), out P256Scalar j).ShouldBeTrue();
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.TrySign(Vector.Octets("message"), ref j, signature).ShouldBeTrue();
        signature.ShouldBe(Vector.Octets("signature"));
        j.IsZero().Reveal().ShouldBeTrue("j is erased");
    }

    [Fact]
    public void The_signature_verifies() =>
        EccsiPublicKey.Import(Vector.Octets("kpak"))
            .Verify(Identity, Vector.Octets("message"), Vector.Octets("signature")).ShouldBeTrue();

    [Fact]
    public void A_fresh_signature_verifies_and_is_never_the_same()
    {
        using EccsiSigningKey key = ImportKey();
        byte[] first = new byte[EccsiSigningKey.SignatureSizeInBytes];
        byte[] second = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.Sign(Vector.Octets("message"), first);
        key.Sign(Vector.Octets("message"), second);
        first.ShouldNotBe(second);
        key.Authority.Verify(Identity, Vector.Octets("message"), first).ShouldBeTrue();
        key.Authority.Verify(Identity, Vector.Octets("message"), second).ShouldBeTrue();
    }

    private static EccsiSigningKey ImportKey() => EccsiSigningKey.Import(
        EccsiPublicKey.Import(Vector.Octets("kpak")), Identity, Vector.Octets("ssk"), Vector.Octets("pvt"));
}

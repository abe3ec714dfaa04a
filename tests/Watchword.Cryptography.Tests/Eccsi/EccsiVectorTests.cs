using System.Security.Cryptography;
using System.Text.Json;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography.Tests.Eccsi;

public sealed class EccsiVectorTests
{
    public static TheoryData<int, string> PublicKeys => Vectors.Cases("eccsi/public_key.json");

    public static TheoryData<int, string> SigningKeys => Vectors.Cases("eccsi/signing_key.json");

    public static TheoryData<int, string> Signatures => Vectors.Cases("eccsi/verify.json");

    public static TheoryData<int, string> DerivedKeys => Vectors.Cases("eccsi/derived_signing_key.json");

    [Theory]
    [MemberData(nameof(PublicKeys))]
    public void Public_keys(int id, string comment)
    {
        JsonElement test = Vectors.Case("eccsi/public_key.json", id);
        byte[] octets = test.Octets("kpak");
        EccsiPublicKey.TryImport(octets, out EccsiPublicKey? key).ShouldBe(test.IsValid(), comment);
        key?.Export().ShouldBe(octets);
        if (!test.IsValid())
        {
            Should.Throw<CryptographicException>(() => EccsiPublicKey.Import(octets));
        }
    }

    [Theory]
    [MemberData(nameof(SigningKeys))]
    public void Signing_keys(int id, string comment)
    {
        JsonElement test = Vectors.Case("eccsi/signing_key.json", id);
        EccsiPublicKey authority = EccsiPublicKey.Import(test.Octets("kpak"));
        bool valid = EccsiSigningKey.TryImport(
            authority, test.Octets("identity"), test.Octets("ssk"), test.Octets("pvt"), out EccsiSigningKey? key);
        valid.ShouldBe(test.IsValid(), comment);
        using (key)
        {
            if (key is null)
            {
                Should.Throw<CryptographicException>(() =>
                    EccsiSigningKey.Import(authority, test.Octets("identity"), test.Octets("ssk"), test.Octets("pvt")));
                return;
            }

            byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
            byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
            byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
            key.ExportSecret(ssk);
            key.ExportPublicToken(pvt);
            key.Sign(ssk, signature);
            ssk.ShouldBe(test.Octets("ssk"));
            pvt.ShouldBe(test.Octets("pvt"));
            authority.Verify(test.Octets("identity"), ssk, signature).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Signatures))]
    public void Signature_verification(int id, string comment)
    {
        JsonElement test = Vectors.Case("eccsi/verify.json", id);
        EccsiPublicKey.Import(test.Octets("kpak"))
            .Verify(test.Octets("identity"), test.Octets("message"), test.Octets("signature"))
            .ShouldBe(test.IsValid(), comment);
    }

    [Theory]
    [MemberData(nameof(DerivedKeys))]
    public void Derived_signing_keys(int id, string comment)
    {
        JsonElement test = Vectors.Case("eccsi/derived_signing_key.json", id);
        using EccsiMasterKey master = EccsiMasterKey.Import(test.Octets("ksak"));
        using EccsiDerivationKey derivation = EccsiDerivationKey.Import(test.Octets("derivation"));
        for (int i = 0; i < 2; i++)
        {
            using EccsiSigningKey key = master.IssueSigningKey(test.Octets("identity"), derivation);
            byte[] ssk = new byte[EccsiSigningKey.SecretSizeInBytes];
            byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
            key.ExportSecret(ssk);
            key.ExportPublicToken(pvt);
            ssk.ShouldBe(test.Octets("ssk"), comment);
            pvt.ShouldBe(test.Octets("pvt"), comment);
            key.Validate().ShouldBeTrue();
        }
    }

    [Fact]
    public void The_generator_is_the_one_of_NIST()
    {
        JsonElement test = Vectors.Tests("eccsi/hmac_drbg.json").Single();
        using HmacDrbg generator = new(test.Octets("entropy"), test.Octets("nonce"), test.Octets("personalization"));
        byte[] returned = new byte[128];
        generator.Generate(returned);
        generator.Generate(returned);
        returned.ShouldBe(test.Octets("returned"));
    }
}

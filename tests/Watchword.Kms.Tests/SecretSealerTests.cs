using System.Security.Cryptography;
using CsCheck;

namespace Watchword.Kms.Tests;

public sealed class SecretSealerTests : IDisposable
{
    private readonly EphemeralCustody _custody = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _custody.Dispose();

    [Fact]
    public async Task What_is_sealed_opens_under_the_same_context_and_purpose_only()
    {
        using SecretSealer sealer = await _custody.OpenSealerAsync("kms.x.example", "transport-keys", Token);
        using SecretSealer again = await _custody.OpenSealerAsync("kms.x.example", "transport-keys", Token);
        using SecretSealer otherPurpose = await _custody.OpenSealerAsync("kms.x.example", "key-sets", Token);
        using SecretSealer otherDomain = await _custody.OpenSealerAsync("kms.y.example", "transport-keys", Token);
        Gen.Select(Gen.Byte.Array[0, 600], Gen.Byte.Array[0, 40]).Sample(
            (secret, context) =>
            {
                byte[] sealedSecret = sealer.Seal(secret, context);
                sealedSecret.Length.ShouldBe(secret.Length + SecretSealer.OverheadInBytes);
                byte[] opened = new byte[secret.Length];
                again.Open(sealedSecret, context, opened);
                opened.ShouldBe(secret);
                Fault(again, sealedSecret, [.. context, 0], secret.Length);
                Fault(otherPurpose, sealedSecret, context, secret.Length);
                Fault(otherDomain, sealedSecret, context, secret.Length);
                Fault(again, sealedSecret, context, secret.Length + 1);
                sealer.Seal(secret, context).ShouldNotBe(sealedSecret);
            },
            iter: 100);
    }

    [Fact]
    public async Task Every_changed_bit_is_found()
    {
        using SecretSealer sealer = await _custody.OpenSealerAsync("kms.x.example", "transport-keys", Token);
        byte[] sealedSecret = sealer.Seal([1, 2, 3], "c"u8);
        for (int bit = 0; bit < sealedSecret.Length * 8; bit++)
        {
            sealedSecret[bit / 8] ^= (byte)(1 << (bit % 8));
            Fault(sealer, sealedSecret, "c"u8, 3);
            sealedSecret[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task With_another_key_it_takes_both_to_open()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] otherKey = [.. key.Select(octet => (byte)(octet ^ 1))];
        using SecretSealer custody = await _custody.OpenSealerAsync("kms.x.example", "prepared-keys", Token);
        using SecretSealer again = await _custody.OpenSealerAsync("kms.x.example", "prepared-keys", Token);
        using SecretSealer elsewhere = await _custody.OpenSealerAsync("kms.y.example", "prepared-keys", Token);
        using SecretSealer both = custody.With(key);
        byte[] secret = [1, 2, 3];
        byte[] sealedSecret = both.Seal(secret, "place"u8);
        byte[] opened = new byte[3];
        using (SecretSealer same = again.With(key))
        {
            same.Open(sealedSecret, "place"u8, opened);
        }

        opened.ShouldBe(secret);
        using SecretSealer otherOfClient = custody.With(otherKey);
        using SecretSealer otherOfCustody = elsewhere.With(key);
        Fault(custody, sealedSecret, "place"u8, 3);
        Fault(otherOfClient, sealedSecret, "place"u8, 3);
        Fault(otherOfCustody, sealedSecret, "place"u8, 3);
        Fault(both, sealedSecret, "elsewhere"u8, 3);

        // The id tells keys apart and is no key.
        (custody.KeyId == again.KeyId, custody.KeyId == elsewhere.KeyId, both.KeyId == custody.KeyId).ShouldBe((true, false, false));
        custody.KeyId.Length.ShouldBe(16);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a/b")]
    [InlineData("123456789012345678901234567890123")]
    public async Task Purposes_are_names(string purpose) =>
        await Should.ThrowAsync<ArgumentException>(() => _custody.OpenSealerAsync("kms.x.example", purpose, Token));

    [Fact]
    public async Task The_audit_key_is_made_once_and_its_signatures_verify()
    {
        using AuditSigningKey key = await _custody.OpenAuditSigningKeyAsync(Token);
        using AuditSigningKey again = await _custody.OpenAuditSigningKeyAsync(Token);
        again.ExportPublicKey().ShouldBe(key.ExportPublicKey());
        byte[] signature = new byte[AuditSigningKey.SignatureSizeInBytes];
        again.Sign("head"u8, signature);
        using ECDsa verifier = ECDsa.Create();
        verifier.ImportSubjectPublicKeyInfo(key.ExportPublicKey(), out _);
        verifier.VerifyData("head"u8, signature, HashAlgorithmName.SHA256).ShouldBeTrue();
        verifier.VerifyData("tail"u8, signature, HashAlgorithmName.SHA256).ShouldBeFalse();
    }

    private static void Fault(SecretSealer sealer, byte[] sealedSecret, ReadOnlySpan<byte> context, int size)
    {
        byte[] opened = [.. Enumerable.Repeat((byte)1, size)];
        try
        {
            sealer.Open(sealedSecret, context, opened);
        }
        catch (KmsException fault)
        {
            fault.Error.ShouldBe(KmsError.SealedSecretNotOpened);
            return;
        }

        Assert.Fail("It opened.");
    }
}

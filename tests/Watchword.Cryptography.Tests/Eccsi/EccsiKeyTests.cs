using System.Security.Cryptography;
using CsCheck;

namespace Watchword.Cryptography.Tests.Eccsi;

public sealed class EccsiKeyTests
{
    private static readonly byte[] Identity = "alice, this period"u8.ToArray();

    [Fact]
    public void A_key_issued_to_any_identity_signs_any_message()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        Gen.Select(Gen.Byte.Array[0, 64], Gen.Byte.Array[0, 200]).Sample(
            (identity, message) =>
            {
                using EccsiSigningKey key = master.IssueSigningKey(identity);
                byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
                key.Sign(message, signature);
                key.Validate().ShouldBeTrue();
                master.PublicKey.Verify(identity, message, signature).ShouldBeTrue();
                master.PublicKey.Verify([.. identity, 0], message, signature).ShouldBeFalse();
                master.PublicKey.Verify(identity, [.. message, 0], signature).ShouldBeFalse();
            },
            iter: 20);
    }

    [Fact]
    public void The_message_may_lie_in_the_memory_of_the_signature()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiSigningKey key = master.IssueSigningKey(Identity);
        byte[] buffer = new byte[EccsiSigningKey.SignatureSizeInBytes];
        RandomNumberGenerator.Fill(buffer);
        byte[] message = [.. buffer];
        key.Sign(buffer, buffer);
        master.PublicKey.Verify(Identity, message, buffer).ShouldBeTrue();
    }

    [Fact]
    public void A_random_v_never_repeats_and_a_derived_one_always_does()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        using EccsiDerivationKey other = EccsiDerivationKey.Generate();
        Token(master.IssueSigningKey(Identity)).ShouldNotBe(Token(master.IssueSigningKey(Identity)));
        byte[] derived = Token(master.IssueSigningKey(Identity, derivation));
        Token(master.IssueSigningKey(Identity, derivation)).ShouldBe(derived);
        Token(master.IssueSigningKey(Identity, other)).ShouldNotBe(derived);
        Token(master.IssueSigningKey([.. Identity, 1], derivation)).ShouldNotBe(derived);
        using EccsiMasterKey otherMaster = EccsiMasterKey.Generate();
        Token(otherMaster.IssueSigningKey(Identity, derivation)).ShouldNotBe(derived);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("01")]
    [InlineData("")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000001")]
    public void A_master_key_outside_its_range_is_refused(string ksak) =>
        Should.Throw<CryptographicException>(() => EccsiMasterKey.Import(Convert.FromHexString(ksak)));

    [Fact]
    public void Master_and_derivation_keys_leave_sealed_and_come_back()
    {
        using AesGcm key = new(RandomNumberGenerator.GetBytes(32), 16);
        byte[] nonce = RandomNumberGenerator.GetBytes(12);
        byte[] ciphertext = new byte[EccsiMasterKey.SizeInBytes];
        byte[] tag = new byte[16];
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        master.ExportSealed(key, nonce, ciphertext, tag, Identity);
        using EccsiMasterKey opened = EccsiMasterKey.ImportSealed(key, nonce, ciphertext, tag, Identity);
        opened.PublicKey.ShouldBe(master.PublicKey);

        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        nonce[0] ^= 1;
        derivation.ExportSealed(key, nonce, ciphertext, tag, Identity);
        using EccsiDerivationKey openedDerivation = EccsiDerivationKey.ImportSealed(key, nonce, ciphertext, tag, Identity);
        Token(master.IssueSigningKey(Identity, openedDerivation)).ShouldBe(Token(master.IssueSigningKey(Identity, derivation)));

        Should.Throw<CryptographicException>(() => EccsiDerivationKey.ImportSealed(key, nonce, ciphertext, tag, [1]));
        Should.Throw<CryptographicException>(() => EccsiDerivationKey.ImportSealed(key, nonce, ciphertext.AsSpan(1), tag, Identity));
        tag[0] ^= 1;
        Should.Throw<CryptographicException>(() => EccsiMasterKey.ImportSealed(key, nonce, ciphertext, tag, Identity));
        Should.Throw<ArgumentException>(() => master.ExportSealed(key, nonce, new byte[31], tag, Identity));
    }

    [Fact]
    public void Wrong_destinations_are_the_callers_fault()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiSigningKey key = master.IssueSigningKey(Identity);
        Should.Throw<ArgumentException>(() => key.Sign(Identity, new byte[128]));
        Should.Throw<ArgumentException>(() => key.Sign(Identity, new byte[130]));
        Should.Throw<ArgumentException>(() => key.ExportSecret(new byte[33]));
        Should.Throw<ArgumentException>(() => key.ExportPublicToken(new byte[64]));
        Should.Throw<ArgumentException>(() => master.PublicKey.Export(new byte[64]));
        Should.Throw<CryptographicException>(() => EccsiDerivationKey.Import(new byte[31]));
    }

    [Fact]
    public void A_disposed_key_does_nothing_more()
    {
        EccsiMasterKey master = EccsiMasterKey.Generate();
        EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        EccsiSigningKey key = master.IssueSigningKey(Identity);
        derivation.Dispose();
        Should.Throw<ObjectDisposedException>(() => master.IssueSigningKey(Identity, derivation));
        master.Dispose();
        master.Dispose();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => master.IssueSigningKey(Identity));
        Should.Throw<ObjectDisposedException>(() => key.Sign(Identity, new byte[129]));
        Should.Throw<ObjectDisposedException>(() => key.ExportSecret(new byte[32]));
        Should.Throw<ObjectDisposedException>(() => key.Validate());
    }

    [Fact]
    public void Public_keys_are_equal_by_their_octets()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiMasterKey other = EccsiMasterKey.Generate();
        EccsiPublicKey copy = EccsiPublicKey.Import(master.PublicKey.Export());
        copy.ShouldBe(master.PublicKey);
        copy.GetHashCode().ShouldBe(master.PublicKey.GetHashCode());
        copy.Equals(other.PublicKey).ShouldBeFalse();
        copy.Equals(null).ShouldBeFalse();
    }

    private static byte[] Token(EccsiSigningKey key)
    {
        using (key)
        {
            byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
            key.ExportPublicToken(token);
            return token;
        }
    }
}

using System.Security.Cryptography;
using CsCheck;

namespace Watchword.Cryptography.Tests.Sakke;

public sealed class SakkeKeyTests
{
    private static readonly byte[] Identity = "bob, this period"u8.ToArray();

    [Fact]
    public void Any_identity_receives_any_secret_and_nobody_else_does()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        Gen.Byte.Array[0, 300].Sample(
            identity =>
            {
                using SakkeReceiverKey key = master.IssueReceiverKey(identity);
                using SakkeReceiverKey other = master.IssueReceiverKey([.. identity, 0]);
                byte[] sent = new byte[SakkePublicKey.SharedSecretSizeInBytes];
                byte[] received = new byte[SakkePublicKey.SharedSecretSizeInBytes];
                byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
                master.PublicKey.Encapsulate(identity, sent, encapsulated);
                key.TryDecapsulate(encapsulated, received).ShouldBeTrue();
                received.ShouldBe(sent);
                other.TryDecapsulate(encapsulated, received).ShouldBeFalse();
                received.ShouldBe(new byte[SakkePublicKey.SharedSecretSizeInBytes]);
            },
            iter: 5);
    }

    [Fact]
    public void Each_encapsulation_draws_its_own_secret()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        byte[] first = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] second = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        master.PublicKey.Encapsulate(Identity, first, encapsulated);
        master.PublicKey.Encapsulate(Identity, second, encapsulated);
        first.ShouldNotBe(second);
    }

    [Fact]
    public void A_master_secret_outside_its_range_is_refused()
    {
        byte[] order = Vectors.Load("sakke/rfc6509_parameter_set_1.json").GetProperty("parameters").Octets("q");
        byte[] one = new byte[SakkeMasterKey.SizeInBytes];
        one[^1] = 1;
        byte[] two = new byte[SakkeMasterKey.SizeInBytes];
        two[^1] = 2;
        byte[] last = [.. order];
        last[^1]--;
        foreach (byte[] refused in new[] { [], new byte[128], one, order, Filled(0xFF), two[1..], [.. two, 0] })
        {
            Should.Throw<CryptographicException>(() => SakkeMasterKey.Import(refused));
        }

        foreach (byte[] accepted in new[] { two, last })
        {
            using SakkeMasterKey master = SakkeMasterKey.Import(accepted);
            SakkePublicKey.TryImport(master.PublicKey.Export(), out _).ShouldBeTrue();
        }
    }

    [Fact]
    public void The_negative_of_the_master_secret_is_no_identity()
    {
        byte[] order = Vectors.Load("sakke/rfc6509_parameter_set_1.json").GetProperty("parameters").Octets("q");
        byte[] two = new byte[SakkeMasterKey.SizeInBytes];
        two[^1] = 2;
        byte[] identity = [.. order];
        identity[^1] -= 2;
        using SakkeMasterKey master = SakkeMasterKey.Import(two);
        Should.Throw<CryptographicException>(() => master.IssueReceiverKey(identity));
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = Filled(0xAA, SakkePublicKey.EncapsulatedSizeInBytes);
        Should.Throw<CryptographicException>(() => master.PublicKey.EncapsulateSecret(identity, secret, encapsulated));
        encapsulated.ShouldBe(new byte[SakkePublicKey.EncapsulatedSizeInBytes]);
        SakkeReceiverKey.TryImport(master.PublicKey, identity, master.PublicKey.Export(), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_master_secret_leaves_sealed_and_comes_back()
    {
        using AesGcm key = new(RandomNumberGenerator.GetBytes(32), 16);
        byte[] nonce = RandomNumberGenerator.GetBytes(12);
        byte[] ciphertext = new byte[SakkeMasterKey.SizeInBytes];
        byte[] tag = new byte[16];
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        master.ExportSealed(key, nonce, ciphertext, tag, Identity);
        using SakkeMasterKey opened = SakkeMasterKey.ImportSealed(key, nonce, ciphertext, tag, Identity);
        opened.PublicKey.ShouldBe(master.PublicKey);
        opened.PublicKey.GetHashCode().ShouldBe(master.PublicKey.GetHashCode());
        Should.Throw<CryptographicException>(() => SakkeMasterKey.ImportSealed(key, nonce, ciphertext, tag, [1]));
        Should.Throw<CryptographicException>(() => SakkeMasterKey.ImportSealed(key, nonce, ciphertext.AsSpan(1), tag, Identity));
        Should.Throw<ArgumentException>(() => master.ExportSealed(key, nonce, new byte[129], tag, Identity));
    }

    [Fact]
    public void Wrong_spans_are_the_callers_fault()
    {
        using SakkeMasterKey master = SakkeMasterKey.Generate();
        using SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        Should.Throw<ArgumentException>(() => key.Export(new byte[256]));
        Should.Throw<ArgumentException>(() => key.TryDecapsulate(new byte[273], new byte[17]));
        Should.Throw<ArgumentException>(() => master.PublicKey.Encapsulate(Identity, new byte[15], new byte[273]));
        Should.Throw<ArgumentException>(() => master.PublicKey.Encapsulate(Identity, new byte[16], new byte[272]));
        Should.Throw<ArgumentException>(() => master.PublicKey.EncapsulateSecret(Identity, new byte[32], new byte[273]));
        Should.Throw<ArgumentException>(() => master.PublicKey.Export(new byte[256]));
    }

    [Fact]
    public void A_disposed_key_does_nothing_more()
    {
        SakkeMasterKey master = SakkeMasterKey.Generate();
        SakkeReceiverKey key = master.IssueReceiverKey(Identity);
        byte[] secret = new byte[SakkePublicKey.SharedSecretSizeInBytes];
        byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
        master.PublicKey.Encapsulate(Identity, secret, encapsulated);
        master.Dispose();
        key.Dispose();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => master.IssueReceiverKey(Identity));
        Should.Throw<ObjectDisposedException>(() => key.TryDecapsulate(encapsulated, secret));
        Should.Throw<ObjectDisposedException>(() => key.Export(new byte[257]));
        Should.Throw<ObjectDisposedException>(() => key.IsOnCurve());
    }

    private static byte[] Filled(byte value, int size = 128)
    {
        byte[] octets = new byte[size];
        octets.AsSpan().Fill(value);
        return octets;
    }
}

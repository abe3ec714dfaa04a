using CsCheck;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Storage;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Keys in the database: sealed for one client and one identifier.</summary>
public sealed class KeyVaultTests
{
    private static readonly KeyOwner Alice = new(McServiceKind.Mcptt, "sip:alice@lab.example", "urn:uuid:1");

    [Fact]
    public void What_is_sealed_opens_for_the_same_client_alone()
    {
        using KeyVault vault = new(Enumerable.Repeat((byte)7, 32).ToArray());
        using KeyVault other = new(Enumerable.Repeat((byte)8, 32).ToArray());
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        byte[] whole = vault.Seal(key, Alice);

        using (MikeyKey? opened = vault.TryOpen(whole, Alice, key.KeyId))
        {
            opened!.Random.ToArray().ShouldBe(key.Random.ToArray());
            opened.KeyId.ShouldBe(key.KeyId);
        }

        vault.TryOpen(whole, Alice with { ServiceId = "sip:bob@lab.example" }, key.KeyId).ShouldBeNull();
        vault.TryOpen(whole, Alice with { ClientId = "urn:uuid:2" }, key.KeyId).ShouldBeNull();
        vault.TryOpen(whole, Alice with { Service = McServiceKind.McData }, key.KeyId).ShouldBeNull();
        vault.TryOpen(whole, Alice, key.KeyId ^ 1).ShouldBeNull();
        other.TryOpen(whole, Alice, key.KeyId).ShouldBeNull();
        vault.Seal(key, Alice).ShouldNotBe(whole, "a nonce of its own each time");
    }

    [Fact]
    public void Every_changed_octet_is_noticed()
    {
        using KeyVault vault = new(new byte[32]);
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Musik);
        byte[] whole = vault.Seal(key, Alice);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte[1, 255]).Sample((at, change) =>
        {
            byte[] bent = [.. whole];
            bent[at] ^= change;
            return vault.TryOpen(bent, Alice, key.KeyId) is null && vault.TryOpen(whole.AsSpan(0, at), Alice, key.KeyId) is null;
        });
    }

    [Fact]
    public void A_key_file_has_32_octets()
    {
        string path = Path.GetTempFileName();
        try
        {
            foreach (int size in (int[])[0, 31, 33])
            {
                File.WriteAllBytes(path, new byte[size]);
                _ = Should.Throw<IOException>(() => KeyVault.FromFile(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}

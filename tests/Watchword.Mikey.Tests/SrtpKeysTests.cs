using System.Security.Cryptography;
using CsCheck;

namespace Watchword.Mikey.Tests;

public class SrtpKeysTests
{
    [Fact]
    public void The_PRF_agrees_with_an_independent_implementation() =>
        Gen.Select(Gen.Byte.Array[1, 100], Gen.Byte.Array[0, 300], Gen.Int[0, 200]).Sample((key, label, length) =>
        {
            byte[] output = new byte[length];
            MikeyPrf.Derive(key, label, output);
            output.ShouldBe(ReferencePrf(key, label, length));
        });

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(4096)]
    public void Shorter_outputs_are_the_front_of_longer_ones(int length)
    {
        byte[] key = MessageFactory.Octets(48, 3);
        byte[] output = new byte[length];
        MikeyPrf.Derive(key, "label"u8, output);
        output.ShouldBe(ReferencePrf(key, "label"u8.ToArray(), 5000)[..length]);
    }

    [Fact]
    public void Key_and_salt_take_the_constants_of_TEK_and_salt()
    {
        byte[] pck = MessageFactory.Octets(16, 0x10);
        byte[] random = MessageFactory.Octets(16, 0x80);
        using SrtpKeys keys = SrtpKeys.Derive(pck, McCryptoSession.McpttPrivateReceiver, 0x1ABCDEF0, random);

        Key(keys).ShouldBe(ReferencePrf(pck, [0x2A, 0xD0, 0x1C, 0x64, 1, 0x1A, 0xBC, 0xDE, 0xF0, .. random], 16));
        Salt(keys).ShouldBe(ReferencePrf(pck, [0x39, 0xA2, 0xC1, 0x4B, 1, 0x1A, 0xBC, 0xDE, 0xF0, .. random], 12));
    }

    [Fact]
    public void Every_input_enters_the_keys()
    {
        byte[] pck = MessageFactory.Octets(16, 0x10);
        byte[] random = MessageFactory.Octets(16, 0x80);
        List<string> keys = [];
        foreach (McCryptoSession session in Enum.GetValues<McCryptoSession>())
        {
            keys.Add(Hex(pck, session, 0x10000000, random));
        }

        keys.Add(Hex(pck, 0, 0x10000001, random));
        keys.Add(Hex(pck, 0, 0x10000000, MessageFactory.Octets(16, 0x81)));
        keys.Add(Hex(MessageFactory.Octets(16, 0x11), 0, 0x10000000, random));
        keys.Distinct().Count().ShouldBe(keys.Count);
    }

    [Fact]
    public void Inputs_of_another_size_are_refused()
    {
        Should.Throw<ArgumentException>(() => SrtpKeys.Derive([], 0, 0, new byte[16]));
        Should.Throw<ArgumentException>(() => SrtpKeys.Derive(new byte[16], 0, 0, new byte[15]));
        Should.Throw<ArgumentException>(() => SrtpKeys.Derive(new byte[16], 0, 0, new byte[256]));
        Should.Throw<ArgumentException>(() => SrtpKeys.Derive(new byte[16], (McCryptoSession)10, 0, new byte[16]));
        Should.Throw<ArgumentException>(() => SrtpKeys.Derive(new byte[16], (McCryptoSession)(-1), 0, new byte[16]));
    }

    [Fact]
    public void Disposed_keys_are_gone_and_never_printed()
    {
        SrtpKeys keys = SrtpKeys.Derive(new byte[16], 0, 0, new byte[16]);
        Should.Throw<ArgumentException>(() => keys.ExportMasterKey(new byte[17]));
        Should.Throw<ArgumentException>(() => keys.ExportMasterSalt(new byte[11]));
        keys.ToString().ShouldBe(typeof(SrtpKeys).FullName);
        keys.Dispose();
        Should.Throw<ObjectDisposedException>(() => keys.ExportMasterKey(new byte[16]));
        Should.Throw<ObjectDisposedException>(() => keys.ExportMasterSalt(new byte[12]));
    }

    internal static byte[] Key(SrtpKeys keys)
    {
        byte[] key = new byte[SrtpKeys.MasterKeySizeInBytes];
        keys.ExportMasterKey(key);
        return key;
    }

    internal static byte[] Salt(SrtpKeys keys)
    {
        byte[] salt = new byte[SrtpKeys.MasterSaltSizeInBytes];
        keys.ExportMasterSalt(salt);
        return salt;
    }

    /// <summary>PRF-HMAC-SHA-256 as RFC 3830 §4.1.2 writes it, over lists and an HMAC written out from RFC 2104.</summary>
    internal static byte[] ReferencePrf(byte[] key, byte[] label, int length)
    {
        byte[] result = new byte[length];
        foreach (byte[] s in key.Chunk(32))
        {
            List<byte> p = [];
            byte[] a = label;
            while (p.Count < length)
            {
                a = ReferenceHmac(s, a);
                p.AddRange(ReferenceHmac(s, [.. a, .. label]));
            }

            result = [.. result.Zip(p, (x, y) => (byte)(x ^ y))];
        }

        return result;
    }

    private static byte[] ReferenceHmac(byte[] key, byte[] text)
    {
        byte[] padded = [.. key, .. new byte[64 - key.Length]];
        byte[] inner = SHA256.HashData([.. padded.Select(o => (byte)(o ^ 0x36)), .. text]);
        return SHA256.HashData([.. padded.Select(o => (byte)(o ^ 0x5C)), .. inner]);
    }

    private static string Hex(byte[] key, McCryptoSession session, uint csbId, byte[] random)
    {
        using SrtpKeys keys = SrtpKeys.Derive(key, session, csbId, random);
        return Convert.ToHexString(Key(keys)) + Convert.ToHexString(Salt(keys));
    }
}

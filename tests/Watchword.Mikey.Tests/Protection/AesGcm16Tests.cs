using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using Watchword.Mikey.Protection;

namespace Watchword.Mikey.Tests.Protection;

public sealed class AesGcm16Tests
{
    private static readonly JsonElement[] _tests = [.. VectorFile.Load("gcm", "aes_gcm.json").GetProperty("tests")
        .EnumerateArray()];

    public static TheoryData<string, int> Cases =>
        [.. Paths.Keys.SelectMany(path => _tests.Select(test => (path, test.Number("id"))))];

    private static Dictionary<string, Func<byte[], AesGcm16>> Paths { get; } = new(StringComparer.Ordinal)
    {
        ["chosen"] = key => new AesGcm16(key),
        ["portable"] = key => AesGcm16.Create<PortableCarrylessMultiplication>(key),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Published_vectors(string path, int id)
    {
        JsonElement test = _tests.Single(t => t.Number("id") == id);
        byte[] plaintext = test.Hex("msg"), ciphertext = test.Hex("ct"), tag = test.Hex("tag");
        using AesGcm16 cipher = Paths[path](test.Hex("key"));

        byte[] opened = new byte[ciphertext.Length];
        opened.AsSpan().Fill(0x5A);
        bool valid = test.Text("result") == "valid";
        cipher.TryDecrypt(test.Hex("iv"), ciphertext, tag, opened, test.Hex("aad")).ShouldBe(valid);
        opened.ShouldBe(valid ? plaintext : new byte[opened.Length]);
        if (valid)
        {
            byte[] sealedText = new byte[plaintext.Length], sealedTag = new byte[16];
            cipher.Encrypt(test.Hex("iv"), plaintext, sealedText, sealedTag, test.Hex("aad"));
            sealedText.ShouldBe(ciphertext);
            sealedTag.ShouldBe(tag);
        }
    }

    [Fact]
    public void With_an_IV_of_12_octets_it_is_the_AES_GCM_of_the_platform() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[12], Gen.Byte.Array[0, 3000], Gen.Byte.Array[0, 100])
            .Sample((key, iv, text, data) =>
        {
            byte[] expected = new byte[text.Length], expectedTag = new byte[16];
            using AesGcm platform = new(key, 16);
            platform.Encrypt(iv, text, expected, expectedTag, data);
            foreach (Func<byte[], AesGcm16> path in Paths.Values)
            {
                using AesGcm16 cipher = path(key);
                byte[] actual = (byte[])text.Clone(), tag = new byte[16];
                cipher.Encrypt(iv, actual, actual, tag, data);
                actual.ShouldBe(expected);
                tag.ShouldBe(expectedTag);
            }
        });

    [Fact]
    public void With_an_IV_of_any_length_what_was_encrypted_is_decrypted_and_nothing_else_is() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[1, 80], Gen.Byte.Array[0, 90], Gen.Byte.Array[0, 40], Gen.UInt).Sample(
            (key, iv, text, data, at) =>
        {
            using AesGcm16 cipher = new(key);
            byte[] whole = new byte[text.Length + 16], opened = new byte[text.Length];
            cipher.Encrypt(iv, text, whole.AsSpan(0, text.Length), whole.AsSpan(text.Length), data);
            cipher.TryDecrypt(iv, whole.AsSpan(0, text.Length), whole.AsSpan(text.Length), opened, data).ShouldBeTrue();
            opened.ShouldBe(text);
            whole[at % whole.Length] ^= (byte)(1 << (int)(at % 8));
            cipher.TryDecrypt(iv, whole.AsSpan(0, text.Length), whole.AsSpan(text.Length), opened, data).ShouldBeFalse();
            opened.ShouldBe(new byte[text.Length]);
        });

    [Fact]
    public void Products_are_those_of_polynomials_over_GF_2() =>
        Gen.Select(Edges, Edges).Sample((left, right) =>
        {
            BigInteger product = 0;
            for (int i = 0; i < 64; i++)
            {
                product ^= ((left >> i) & 1) == 0 ? 0 : (BigInteger)right << i;
            }

            (ulong, ulong) expected = ((ulong)(product >> 64), (ulong)(product & ulong.MaxValue));
            PortableCarrylessMultiplication.Multiply(left, right).ShouldBe(expected);
            if (X86CarrylessMultiplication.IsSupported)
            {
                X86CarrylessMultiplication.Multiply(left, right).ShouldBe(expected);
            }

            if (ArmCarrylessMultiplication.IsSupported)
            {
                ArmCarrylessMultiplication.Multiply(left, right).ShouldBe(expected);
            }
        });

    [Fact]
    public void Hashes_are_those_of_the_definition_bit_by_bit() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[0, 70]).Sample((subkey, text) =>
        {
            byte[] expected = new byte[16];
            foreach (byte[] chunk in text.Chunk(16))
            {
                byte[] block = [.. chunk, .. new byte[16 - chunk.Length]];
                expected = ReferenceProduct([.. expected.Zip(block, (x, y) => (byte)(x ^ y))], subkey);
            }

            byte[] actual = new byte[16];
            Ghash<PortableCarrylessMultiplication> hash = new(subkey);
            hash.Update(text);
            hash.Write(actual);
            actual.ShouldBe(expected);
        });

    [Fact]
    public void Other_sizes_are_refused()
    {
        Should.Throw<ArgumentException>(() => new AesGcm16(new byte[15]));
        Should.Throw<ArgumentException>(() => new AesGcm16([]));
        using AesGcm16 cipher = new(new byte[16]);
        byte[] tag = new byte[16];
        Should.Throw<ArgumentException>(() => cipher.Encrypt([], [], [], tag, []));
        Should.Throw<ArgumentException>(() => cipher.Encrypt(new byte[16], new byte[1], [], tag, []));
        Should.Throw<ArgumentException>(() => cipher.TryDecrypt(new byte[16], [], new byte[15], [], []));
        cipher.Dispose();
        Should.Throw<ObjectDisposedException>(() => cipher.Encrypt(new byte[16], [], [], tag, []));
    }

    private static Gen<ulong> Edges => Gen.OneOf(
        Gen.ULong, Gen.Const(0UL), Gen.Const(1UL), Gen.Const(ulong.MaxValue), Gen.Const(1UL << 63),
        Gen.Const(0x1111_1111_1111_1111UL));

    /// <summary>SP 800-38D §6.3, algorithm 1, as it stands there.</summary>
    private static byte[] ReferenceProduct(byte[] x, byte[] y)
    {
        BigInteger r = (BigInteger)0xE1 << 120, z = 0, v = new(y, isUnsigned: true, isBigEndian: true);
        for (int i = 0; i < 128; i++)
        {
            if (((x[i / 8] >> (7 - (i % 8))) & 1) == 1)
            {
                z ^= v;
            }

            v = v.IsEven ? v >> 1 : (v >> 1) ^ r;
        }

        byte[] octets = z.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[16 - octets.Length], .. octets];
    }
}

using System.Numerics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Sakke;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Sakke;

public sealed class SakkeHashTests
{
    /// <summary>RFC 6508 §5.1 on arrays, with inputs of all kinds of lengths: short, at the limit of the stack, long.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(5000)]
    public void Integers_are_hashed_as_the_RFC_says(int identityLength)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(16);
        byte[] identity = RandomNumberGenerator.GetBytes(identityLength);
        SakkeHash.ToScalar(secret, identity, out SakkeScalar scalar);
        BigInteger order = ResidueLaws<UInt1024, SakkeOrder>.Modulus;
        ResidueLaws<UInt1024, SakkeOrder>.Value(scalar).ShouldBe(HashToIntegerRange([.. secret, .. identity], order, rounds: 4));

        byte[] mask = new byte[16];
        SakkeHash.ToMask(identity, mask);
        mask.ToInteger().ShouldBe(HashToIntegerRange(identity, BigInteger.One << 128, rounds: 1));
    }

    private static BigInteger HashToIntegerRange(byte[] s, BigInteger n, int rounds)
    {
        byte[] a = SHA256.HashData(s);
        byte[] h = new byte[32];
        byte[] v = [];
        for (int i = 0; i < rounds; i++)
        {
            h = SHA256.HashData(h);
            v = [.. v, .. SHA256.HashData([.. h, .. a])];
        }

        return v.ToInteger() % n;
    }
}

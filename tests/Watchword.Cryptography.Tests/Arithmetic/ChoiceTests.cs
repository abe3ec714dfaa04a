using CsCheck;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Tests.Arithmetic;

public sealed class ChoiceTests
{
    private static readonly Gen<ulong> Words = Gen.OneOf(Gen.ULong, Octets.Constants(0UL, 1UL, 1UL << 63, ulong.MaxValue));

    [Fact]
    public void Zero_is_recognised() => Words.Sample(word => Choice.IsZero(word).Reveal() == (word == 0));

    [Fact]
    public void Equality_is_recognised() =>
        Gen.Select(Words, Words).Sample((a, b) => Choice.AreEqual(a, b).Reveal() == (a == b) && Choice.AreEqual(a, a).Reveal());

    [Fact]
    public void Selection_takes_the_named_value() =>
        Gen.Select(Words, Words).Sample((a, b) => Choice.True.Select(a, b) == a && Choice.False.Select(a, b) == b);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void The_operators_are_those_of_logic(int left, int right)
    {
        Choice a = Choice.FromBit((ulong)left);
        Choice b = Choice.FromBit((ulong)right);
        (a & b).Reveal().ShouldBe(left == 1 && right == 1);
        (a | b).Reveal().ShouldBe(left == 1 || right == 1);
        (a ^ b).Reveal().ShouldBe(left != right);
        (!a).Reveal().ShouldBe(left == 0);
    }

    [Fact]
    public void The_default_is_false() => default(Choice).Reveal().ShouldBeFalse();
}

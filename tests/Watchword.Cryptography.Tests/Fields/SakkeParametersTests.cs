using System.Numerics;
using System.Text.Json;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Pairing;

namespace Watchword.Cryptography.Tests.Fields;

/// <summary>The built-in constants are those of RFC 6509 Appendix A, and have the properties that the code relies on.</summary>
public sealed class SakkeParametersTests
{
    private static readonly JsonElement Parameters = Vectors.Load("sakke/rfc6509_parameter_set_1.json").GetProperty("parameters");

    [Fact]
    public void The_moduli_are_the_appendix_ones()
    {
        BigInteger p = Parameters.Octets("p").ToInteger();
        BigInteger q = Parameters.Octets("q").ToInteger();
        ResidueLaws<UInt1024, SakkePrime>.Modulus.ShouldBe(p);
        ResidueLaws<UInt1024, SakkeOrder>.Modulus.ShouldBe(q);
        (p % 4).ShouldBe(3);
        (p + 1).ShouldBe(4 * q);
        ((int)q.GetBitLength()).ShouldBe(SakkeCurve.ScalarBits);
        BigInteger.ModPow(3, (p - 1) / 2, p).ShouldBe(p - 1, "3 is no square: (0, 0) is the only point of order 2");
    }

    [Fact]
    public void The_base_point_is_the_appendix_one()
    {
        byte[] octets = new byte[SakkePoint.SizeInBytes];
        SakkeCurve.Generator.Encode(octets).Reveal().ShouldBeTrue();
        octets.ShouldBe([4, .. Parameters.Octets("Px"), .. Parameters.Octets("Py")]);
        SakkeCurve.Generator.HasOrderQVarTime().ShouldBeTrue();
    }

    [Fact]
    public void The_pairing_of_the_base_point_with_itself_is_g()
    {
        byte[] octets = new byte[TargetGroupElement.SizeInBytes];
        SakkeAffinePoint basis = SakkeAffinePoint.From(SakkeCurve.Generator);
        TatePairing.Pair(basis, basis).Encode(octets);
        octets.ShouldBe(Parameters.Octets("g"));
        SakkeTargetGroup.Generator.Encode(octets);
        octets.ShouldBe(Parameters.Octets("g"));
    }
}

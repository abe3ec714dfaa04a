using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;

namespace Watchword.Benchmarks.Suites;

/// <summary>The pairing and its target group.</summary>
[MemoryDiagnoser]
public class PairingBenchmarks
{
    private readonly byte[] encoded = new byte[TargetGroupElement.SizeInBytes];
    private SakkeAffinePoint point;
    private SakkeScalar exponent;
    private TargetGroupElement value;

    [GlobalSetup]
    public void SetUp()
    {
        point = SakkeAffinePoint.From(SakkeCurve.Generator);
        exponent = SakkeScalar.FromReduced(RandomNumberGenerator.GetBytes(SakkeScalar.SizeInBytes));
        value = SakkeTargetGroup.Generator;
    }

    [Benchmark]
    public void Pair() => value = TatePairing.Pair(point, point);

    [Benchmark]
    public void Power() => value = SakkeTargetGroup.PowerOfGenerator(exponent);

    [Benchmark]
    public void Encode() => value.Encode(encoded);
}

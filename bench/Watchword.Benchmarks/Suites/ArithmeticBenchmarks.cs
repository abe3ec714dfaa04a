using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Watchword.Cryptography.Curves;

namespace Watchword.Benchmarks.Suites;

/// <summary>Field elements and points. Results stay in fields, where nothing is optimised away.</summary>
[MemoryDiagnoser]
public class ArithmeticBenchmarks
{
    private SakkeElement sakke;
    private SakkeScalar sakkeScalar;
    private SakkePoint sakkePoint;
    private P256Element p256;
    private P256Scalar p256Scalar;
    private P256Point p256Point;

    [GlobalSetup]
    public void SetUp()
    {
        sakke = SakkeElement.FromReduced(RandomNumberGenerator.GetBytes(SakkeElement.SizeInBytes));
        sakkeScalar = SakkeScalar.FromReduced(RandomNumberGenerator.GetBytes(SakkeScalar.SizeInBytes));
        sakkePoint = SakkeCurve.Generator;
        p256 = P256Element.FromReduced(RandomNumberGenerator.GetBytes(P256Element.SizeInBytes));
        p256Scalar = P256Scalar.FromReduced(RandomNumberGenerator.GetBytes(P256Scalar.SizeInBytes));
        p256Point = P256.Generator;
    }

    [Benchmark]
    public void SakkeMultiply() => sakke *= sakke;

    [Benchmark]
    public void SakkeInvert() => sakke = sakke.Invert();

    [Benchmark]
    public void SakkeScalarInvert() => sakkeScalar = sakkeScalar.Invert();

    [Benchmark]
    public void SakkeDouble() => sakkePoint = sakkePoint.Double();

    [Benchmark]
    public void SakkeMultiplyGenerator() => sakkePoint = SakkeCurve.MultiplyGenerator(sakkeScalar);

    [Benchmark]
    public void P256Multiply() => p256 *= p256;

    [Benchmark]
    public void P256Invert() => p256 = p256.Invert();

    [Benchmark]
    public void P256ScalarInvert() => p256Scalar = p256Scalar.Invert();

    [Benchmark]
    public void P256Double() => p256Point = p256Point.Double();

    [Benchmark]
    public void P256MultiplyGenerator() => p256Point = P256.MultiplyGenerator(p256Scalar);
}

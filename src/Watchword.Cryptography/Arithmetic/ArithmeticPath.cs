using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>Which implementation the arithmetic uses: chosen once, when the process first computes.</summary>
/// <remarks>
/// The choice is a constant for the just-in-time compiler, so that it costs nothing where it is asked. Every operation gives the
/// same result on each path; tests call both.
/// </remarks>
internal static class ArithmeticPath
{
    /// <summary>The environment variable that selects the portable path when it says <c>portable</c>.</summary>
    public const string Variable = "WATCHWORD_ARITHMETIC";

    /// <summary>
    /// True if the processor multiplies and adds four doubles with one rounding (AVX2 with FMA, or Arm64), and nobody asked for
    /// the portable path.
    /// </summary>
    public static bool HasVectors { get; } = ProcessorHasVectors
        && !string.Equals(Environment.GetEnvironmentVariable(Variable), "portable", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the processor has, whatever was asked for: a test runs both paths where it can.</summary>
    public static bool ProcessorHasVectors => (Avx2.IsSupported && Fma.IsSupported) || AdvSimd.Arm64.IsSupported;
}

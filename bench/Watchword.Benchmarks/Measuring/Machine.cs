using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Benchmarks.Measuring;

/// <summary>What the numbers were measured on: a rate without its machine says nothing.</summary>
internal sealed record Machine(string Processor, int LogicalCores, string System, string Runtime, string Arithmetic)
{
    public static Machine Current { get; } = new(
        FindProcessor(), Environment.ProcessorCount, RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription, FindArithmetic());

    public override string ToString() =>
        $"{Processor}, {LogicalCores} logical cores; {System}; {Runtime}; arithmetic: {Arithmetic}";

    /// <summary>The model, which Linux tells for x64 and Windows in a variable; the architecture in any case.</summary>
    private static string FindProcessor()
    {
        const string Information = "/proc/cpuinfo";
        string? model = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        model = model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
        return $"{model} ({RuntimeInformation.ProcessArchitecture})";
    }

    /// <summary>Keep in step with <see cref="ArithmeticPath"/>.</summary>
    private static string FindArithmetic() => ArithmeticPath.HasVectors
        ? AdvSimd.Arm64.IsSupported ? "vectors (AdvSimd)" : "vectors (AVX2 and FMA)"
        : ArithmeticPath.ProcessorHasVectors ? $"portable (asked for by {ArithmeticPath.Variable})" : "portable";
}

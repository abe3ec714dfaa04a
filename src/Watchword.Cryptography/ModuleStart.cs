using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography;

/// <summary>What must exist before the first operation is compiled.</summary>
internal static class ModuleStart
{
    /// <summary>
    /// The arithmetic is compiled once, with optimisation, at its first call. Constants that exist by then are folded into the
    /// code; others would be asked for at every call. It takes less than a millisecond.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "It runs no code of others and reads one environment variable; the code above it depends on the order.")]
    internal static void Initialize()
    {
        RuntimeHelpers.RunClassConstructor(typeof(ArithmeticPath).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(SakkeQuad).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(P256Quad).TypeHandle);
    }
}

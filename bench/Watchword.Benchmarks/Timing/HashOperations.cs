using System.Security.Cryptography;
using Watchword.Mikey.Protection;

namespace Watchword.Benchmarks.Timing;

/// <summary>GHASH under a secret subkey: the multiplication that this processor has, and the portable one.</summary>
internal static class HashOperations
{
    private const int SubkeySize = 16;

    public static IEnumerable<TimedOperation> All =>
    [
        X86CarrylessMultiplication.IsSupported ? Hash<X86CarrylessMultiplication>("ghash")
            : ArmCarrylessMultiplication.IsSupported ? Hash<ArmCarrylessMultiplication>("ghash")
            : Hash<PortableCarrylessMultiplication>("ghash"),
        Hash<PortableCarrylessMultiplication>("ghash_portable"),
    ];

    private static TimedOperation Hash<TMultiplication>(string key)
        where TMultiplication : struct, ICarrylessMultiplication
    {
        byte[] subkey = new byte[SubkeySize];
        byte[] text = RandomNumberGenerator.GetBytes(1024);
        byte[] block = new byte[SubkeySize];
        return new TimedOperation(key, "subkey 0, random")
        {
            InputSize = SubkeySize,
            FillFixed = octets => octets.Clear(),
            FillRandom = RandomNumberGenerator.Fill,
            Load = octets => octets.CopyTo(subkey),
            Run = () =>
            {
                Ghash<TMultiplication> hash = new(subkey);
                hash.Update(text);
                hash.Write(block);
            },
            Repetitions = 4,
        };
    }
}

using System.Security.Cryptography;

namespace Watchword.Benchmarks.Timing;

/// <summary>Inputs that take long to make: made beforehand, drawn at random.</summary>
internal sealed class InputPool
{
    private const int Size = 256;
    private readonly Lazy<byte[][]> inputs;

    public InputPool(Func<byte[]> make) => inputs = new(() => [.. Enumerable.Range(0, Size).Select(_ => make())]);

    /// <summary>Writes the input of the fixed class.</summary>
    public void FillFixed(Span<byte> destination) => inputs.Value[0].CopyTo(destination);

    /// <summary>Writes one of the others.</summary>
    public void FillRandom(Span<byte> destination) => inputs.Value[RandomNumberGenerator.GetInt32(1, Size)].CopyTo(destination);
}

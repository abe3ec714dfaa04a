using System.Security.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>Identities of 32 octets that nobody has seen before; as evenly spread as UIDs, which are digests.</summary>
internal sealed class Identities
{
    public const int SizeInBytes = 32;

    private byte[] octets = [];
    private ReadOnlyMemory<byte>[] slices = [];

    /// <summary>The identities as a batch takes them.</summary>
    public ReadOnlyMemory<ReadOnlyMemory<byte>> All => slices;

    public ReadOnlySpan<byte> this[int index] => octets.AsSpan(index * SizeInBytes, SizeInBytes);

    public static byte[] New() => RandomNumberGenerator.GetBytes(SizeInBytes);

    /// <summary>Replaces all by as many new ones.</summary>
    public void Renew(int count)
    {
        if (slices.Length != count)
        {
            octets = new byte[count * SizeInBytes];
            slices = new ReadOnlyMemory<byte>[count];
            for (int i = 0; i < count; i++)
            {
                slices[i] = octets.AsMemory(i * SizeInBytes, SizeInBytes);
            }
        }

        RandomNumberGenerator.Fill(octets);
    }

    /// <summary>The identities of one call of a batch.</summary>
    public ReadOnlyMemory<ReadOnlyMemory<byte>> Call(int first, int count) => All.Slice(first, count);
}

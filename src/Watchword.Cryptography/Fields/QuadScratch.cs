using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Work space of one length: pinned, all zero when it is not in use, and kept for the next one who needs it, so that nothing is
/// allocated but by the first of as many as work at the same time. No more is kept than processors can use.
/// </summary>
internal sealed class QuadScratch(int length)
{
    private readonly ConcurrentBag<SakkeQuad[]> free = [];
    private int kept;

    public SakkeQuad[] Rent()
    {
        if (free.TryTake(out SakkeQuad[]? quads))
        {
            _ = Interlocked.Decrement(ref kept);
            return quads;
        }

        return GC.AllocateArray<SakkeQuad>(length, pinned: true);
    }

    /// <summary>Gives the space back; it is overwritten with zeros.</summary>
    public void Return(SakkeQuad[] quads)
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(quads.AsSpan()));
        if (Interlocked.Increment(ref kept) <= Environment.ProcessorCount)
        {
            free.Add(quads);
        }
        else
        {
            _ = Interlocked.Decrement(ref kept);
        }
    }
}

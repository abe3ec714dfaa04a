using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Watchword.Cryptography.Fields;

/// <summary>
/// Work space of one length: pinned, all zero when it is not in use, and kept for the next one who needs it, so that nothing is
/// allocated but by the first of as many as work at the same time.
/// </summary>
internal sealed class QuadScratch(int length)
{
    private readonly ConcurrentBag<SakkeQuad[]> free = [];

    public SakkeQuad[] Rent() =>
        free.TryTake(out SakkeQuad[]? quads) ? quads : GC.AllocateArray<SakkeQuad>(length, pinned: true);

    /// <summary>Gives the space back; it is overwritten with zeros.</summary>
    public void Return(SakkeQuad[] quads)
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(quads.AsSpan()));
        free.Add(quads);
    }
}

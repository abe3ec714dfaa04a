using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>Work space for making <see cref="MillerLines"/>: pinned, zero when it is not in use, kept for the next one.</summary>
internal static class MillerScratch
{
    private const int GroupSize = 4;

    private static readonly ConcurrentBag<SakkeQuad[]> Free = [];

    /// <summary>Groups of four records: one record for each line and one for the last point.</summary>
    public static int Groups => (MillerSchedule.Lines.Length + GroupSize) / GroupSize;

    /// <summary>The records of all groups, and one number for each group behind them.</summary>
    public static SakkeQuad[] Rent() =>
        Free.TryTake(out SakkeQuad[]? records) ? records : GC.AllocateArray<SakkeQuad>(Groups * (GroupSize + 1), pinned: true);

    public static void Return(SakkeQuad[] records)
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(records.AsSpan()));
        Free.Add(records);
    }
}

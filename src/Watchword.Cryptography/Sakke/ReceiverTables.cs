using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;

namespace Watchword.Cryptography.Sakke;

/// <summary>
/// What makes decapsulation with one RSK fast: the lines of its Miller loop, which are as secret as the RSK, and a table of the public
/// point [a]P + Z_T of its identity. Made once, at the use that the settings say, if there is room.
/// </summary>
internal sealed class ReceiverTables : IDisposable
{
    private const int Columns = 4;

    private static readonly long Size = MillerLines.SizeInBytes + (long)SakkeComb.EstimateSizeInBytes(
        SakkeCurve.ScalarBits, Columns);

    private static long usedInBytes;

    private readonly Lock making = new();
    private int uses;
    private bool disposed;
    private volatile MillerLines? lines;
    private volatile SakkeComb? ownPoint;

    /// <summary>Octets that the tables of all receiver keys take now.</summary>
    public static long UsedInBytes => Interlocked.Read(ref usedInBytes);

    public MillerLines? Lines => lines;

    public SakkeComb? OwnPoint => ownPoint;

    /// <summary>Counts a decapsulation; true if it is the one at which the tables are made.</summary>
    public bool CountUse() => lines is null && Interlocked.Increment(ref uses) == Precomputation.UsesBeforeTable;

    /// <summary>Makes the tables of an RSK of order q, unless they exist, find no room, or the key was disposed.</summary>
    public void Make(in SakkeAffinePoint key, in SakkePoint receiver)
    {
        lock (making)
        {
            if (disposed || lines is not null || !TryReserve())
            {
                return;
            }

            try
            {
                SakkeComb comb = SakkeCurve.CreateComb(receiver, Columns);
                _ = MillerLines.TryCreate(key, out MillerLines? made);
                ownPoint = made is null ? null : comb;
                lines = made;
            }
            finally
            {
                if (lines is null)
                {
                    Release();
                }
            }
        }
    }

    public void Dispose()
    {
        lock (making)
        {
            disposed = true;
            if (lines is { } made)
            {
                made.Dispose();
                lines = null;
                ownPoint = null;
                Release();
            }
        }
    }

    private static bool TryReserve()
    {
        if (Interlocked.Add(ref usedInBytes, Size) <= Precomputation.CapacityInBytes / 2)
        {
            return true;
        }

        Release();
        return false;
    }

    private static void Release() => _ = Interlocked.Add(ref usedInBytes, -Size);
}

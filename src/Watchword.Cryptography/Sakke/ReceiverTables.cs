using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Pairing;

namespace Watchword.Cryptography.Sakke;

/// <summary>
/// What makes decapsulation with one RSK fast: the lines of its Miller loop, which are as secret as the RSK. Made once, at the
/// use that the settings say, if there is room. (The table of the identity's point is public, and with those of other
/// recipients.)
/// </summary>
internal sealed class ReceiverTables : IDisposable
{
    private static readonly long Size = MillerLines.SizeInBytes;

    private static long usedInBytes;

    private readonly Lock making = new();
    private int uses;
    private bool disposed;
    private Reservation? reservation;
    private volatile MillerLines? lines;

    /// <summary>Octets that the tables of all receiver keys take now.</summary>
    public static long UsedInBytes => Interlocked.Read(ref usedInBytes);

    public MillerLines? Lines => lines;

    /// <summary>Counts a decapsulation; true if it is the one at which the lines are made.</summary>
    public bool CountUse() => lines is null && Interlocked.Increment(ref uses) == Precomputation.UsesBeforeTable;

    /// <summary>Makes the lines of an RSK of order q, unless they exist, find no room, or the key was disposed.</summary>
    public void Make(in SakkeAffinePoint key)
    {
        lock (making)
        {
            if (disposed || lines is not null || (reservation = Reservation.TryMake()) is null)
            {
                return;
            }

            try
            {
                _ = MillerLines.TryCreate(key, out MillerLines? made);
                lines = made;
            }
            finally
            {
                if (lines is null)
                {
                    reservation.Dispose();
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
                reservation!.Dispose();
            }
        }
    }

    /// <summary>Room for one table. A key that nobody disposes of gives it back when the garbage collector finds it.</summary>
    private sealed class Reservation : IDisposable
    {
        private Reservation()
        {
        }

        ~Reservation() => Release();

        public static Reservation? TryMake()
        {
            if (Interlocked.Add(ref usedInBytes, Size) <= Precomputation.ReceiverRoomInBytes)
            {
                return new Reservation();
            }

            Release();
            return null;
        }

        public void Dispose()
        {
            GC.SuppressFinalize(this);
            Release();
        }

        private static void Release() => _ = Interlocked.Add(ref usedInBytes, -Size);
    }
}

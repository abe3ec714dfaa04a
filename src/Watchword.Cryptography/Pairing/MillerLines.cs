using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The lines of the Miller loop of one point R, for the image (-x, iy) of any other point, up to factors in F_p. A secret where R is
/// one: pinned, and overwritten with zeros on disposal.
/// </summary>
/// <remarks>
/// <para>
/// A line is (λx + v) + yi, from RFC 6508 §3.2 divided by its imaginary coefficient: λ(Qx + Cx) - Cy + i Qy for the tangent at C, and the
/// same with the addend's coordinates for the line through C and the addend.
/// </para>
/// <para>
/// Two doublings in a row are merged into one function (a2 x² + a1 x + a0) + (xy + b0 y)i (<see cref="MillerMerge"/>). About 590 kB;
/// reading it follows q - 1 alone.
/// </para>
/// </remarks>
internal sealed partial class MillerLines : IDisposable
{
    /// <summary>Octets of a table.</summary>
    public static readonly int SizeInBytes = MillerSchedule.Chunks.Length * QuadraticLanes.FactorsLength * sizeof(double);

    private const int GroupSize = 4;

    /// <summary>Groups of four records: one record for each line and one for the last point.</summary>
    private static readonly int Groups = (MillerSchedule.Lines.Length + GroupSize) / GroupSize;

    /// <summary>The records of all groups, and one number for each group behind them.</summary>
    private static readonly QuadScratch Scratch = new(Groups * (GroupSize + 1));

    private readonly double[] factors =
        GC.AllocateArray<double>(MillerSchedule.Chunks.Length * QuadraticLanes.FactorsLength, pinned: true);

    private MillerLines()
    {
    }

    /// <summary>
    /// Makes the lines of a point of the curve. False, with nothing made, for a point whose order is not q: [q - 1]R is not -R.
    /// </summary>
    public static bool TryCreate(in SakkeAffinePoint point, out MillerLines? lines)
    {
        SakkeQuad x = SakkeQuad.Broadcast(point.X);
        SakkeQuad y = SakkeQuad.Broadcast(point.Y);
        SakkeQuad[] records = Scratch.Rent();
        try
        {
            lines = null;
            if (!RunChain(x, y, records))
            {
                return false;
            }

            lines = new MillerLines();
            lines.Fill(x, y, records);
            return true;
        }
        finally
        {
            Scratch.Return(records);
            x.Clear();
            y.Clear();
        }
    }

    /// <summary>
    /// The factors of a chunk, in pairs digit by digit. One doubling: λ of its line and of the addition's, nothing, v likewise. Two: a2 and
    /// a1, b0 and the addition's λ, a0 and the addition's v.
    /// </summary>
    public ref double Chunk(int index) => ref factors[index * QuadraticLanes.FactorsLength];

    /// <summary>Overwrites the table with zeros.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(factors.AsSpan()));

    /// <summary>One record per line, and one of the point at the end; true if that is -R.</summary>
    private static bool RunChain(in SakkeQuad x, in SakkeQuad y, SakkeQuad[] records)
    {
        SakkeQuad negativeY = -y;
        SakkeQuad running = SakkeQuad.Select(
            LaneMask.Lane0, x, SakkeQuad.Select(LaneMask.Lane1, y, SakkeQuad.One));
        sbyte[] schedule = MillerSchedule.Lines;
        for (int i = 0; i < schedule.Length; i++)
        {
            sbyte added = schedule[i];
            if (added == 0)
            {
                MillerChain.Double(ref running, out records[i]);
            }
            else
            {
                MillerChain.Add(ref running, x, added > 0 ? y : negativeY, out records[i]);
            }
        }

        bool valid = MillerChain.IsPoint(running, x, negativeY).Reveal();
        records.AsSpan(schedule.Length, (Groups * GroupSize) - schedule.Length).Fill(SakkeQuad.One);
        records[schedule.Length] = running;
        running.Clear();
        negativeY.Clear();
        return valid;
    }
}

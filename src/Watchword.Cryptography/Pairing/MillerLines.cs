using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <summary>
/// The lines of the Miller loop of one point R, each as slope λ and intercept v: at the image (-x, iy) of another point the line is
/// (λx + v) + yi up to a factor in F_p. A secret where R is one: pinned, and overwritten with zeros on disposal.
/// </summary>
/// <remarks>
/// From RFC 6508 §3.2 divided by its imaginary coefficient: λ(Qx + Cx) - Cy + i Qy for the tangent at C, and the same with the
/// addend's coordinates for the line through C and the addend. About 720 kB; reading it follows q - 1 alone.
/// </remarks>
internal sealed class MillerLines : IDisposable
{
    /// <summary>Octets of a table.</summary>
    public static readonly int SizeInBytes = MillerSchedule.Digits.Length * QuadraticLanes.FactorPairLength * sizeof(double);

    private const int GroupSize = 4;

    /// <summary>Groups of four records: one record for each line and one for the last point.</summary>
    private static readonly int Groups = (MillerSchedule.Lines.Length + GroupSize) / GroupSize;

    /// <summary>The records of all groups, and one number for each group behind them.</summary>
    private static readonly QuadScratch Scratch = new(Groups * (GroupSize + 1));

    private readonly double[] factors =
        GC.AllocateArray<double>(MillerSchedule.Digits.Length * QuadraticLanes.FactorPairLength, pinned: true);

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

    /// <summary>λ and v of the lines of a step: those of the doubling and those of the addition in turn.</summary>
    public ref double Step(int step) => ref factors[step * QuadraticLanes.FactorPairLength];

    /// <summary>Overwrites the table with zeros.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(factors.AsSpan()));

    /// <summary>One record per line, and one of the point at the end; true if that is -R.</summary>
    private static bool RunChain(in SakkeQuad x, in SakkeQuad y, SakkeQuad[] records)
    {
        SakkeQuad negativeY = -y;
        SakkeQuad running = SakkeQuad.Select(
            LaneMask.Lane0, x, SakkeQuad.Select(LaneMask.Lane1, y, SakkeQuad.One));
        (int Step, sbyte Added)[] schedule = MillerSchedule.Lines;
        for (int i = 0; i < schedule.Length; i++)
        {
            sbyte added = schedule[i].Added;
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

    /// <summary>The lines from the records, four at a time, with one inversion for all their denominators.</summary>
    private void Fill(in SakkeQuad x, in SakkeQuad y, SakkeQuad[] records)
    {
        // Four records of (X, Y, Z, s) become the X, Y, Z and s of four points; before the groups lie the products of the Z before them.
        Span<SakkeQuad> prefixes = records.AsSpan(Groups * GroupSize, Groups);
        SakkeQuad product = SakkeQuad.One;
        for (int i = 0; i < Groups; i++)
        {
            Span<SakkeQuad> group = records.AsSpan(i * GroupSize, GroupSize);
            SakkeQuad.Transpose(group);
            prefixes[i] = product;
            product *= group[2];
        }

        _ = product.TryInvert(out SakkeQuad inverse); // No Z is 0: the last one would be 0 as well.
        SakkeQuad later = default;
        for (int i = Groups - 1; i >= 0; i--)
        {
            Span<SakkeQuad> group = records.AsSpan(i * GroupSize, GroupSize);
            SakkeQuad own = inverse * prefixes[i];
            inverse *= group[2];
            FillGroup(i * GroupSize, group, x, y, own, later);
            later = own;
        }
    }

    /// <param name="first">The index of the first line of the group.</param>
    /// <param name="group">X, Y, Z, s of four lines.</param>
    /// <param name="x">Rx.</param>
    /// <param name="y">Ry.</param>
    /// <param name="inverse">1/Z of the four.</param>
    /// <param name="later">1/Z of the next four: that of the first is the slope's denominator of the last line here.</param>
    private void FillGroup(
        int first, ReadOnlySpan<SakkeQuad> group, in SakkeQuad x, in SakkeQuad y, in SakkeQuad inverse, in SakkeQuad later)
    {
        SakkeQuad next = SakkeQuad.Select(
            LaneMask.Lane3,
            later.Permuted<LaneOrder.Order1230>(),
            inverse.Permuted<LaneOrder.Order1230>());
        SakkeQuad slope = group[3] * next;
        SakkeQuad square = inverse.Squared();
        SakkeQuad ownX = group[0] * square;
        SakkeQuad ownY = group[1] * (square * inverse);
        (Vector256<double> plus, Vector256<double> minus) = AdditionMasks(first);
        ownX = SakkeQuad.Select(plus | minus, x, ownX);
        ownY = SakkeQuad.Select(plus, y, ownY);
        ownY = SakkeQuad.Select(minus, -y, ownY);
        SakkeQuad intercept = ((slope * ownX) - ownY).Carried();
        (int Step, sbyte Added)[] schedule = MillerSchedule.Lines;
        for (int lane = 0; lane < GroupSize && first + lane < schedule.Length; lane++)
        {
            (int step, sbyte added) = schedule[first + lane];
            ref double factor = ref Unsafe.Add(ref Step(step), added == 0 ? 0 : 1);
            slope.CopyDigits(lane, ref factor);
            intercept.CopyDigits(lane, ref Unsafe.Add(ref factor, QuadraticLanes.FactorPairLength / 2));
        }
    }

    /// <summary>The lanes whose line adds R, and those whose line adds -R.</summary>
    private static (Vector256<double> Plus, Vector256<double> Minus) AdditionMasks(int first)
    {
        Vector256<long> plus = default;
        Vector256<long> minus = default;
        (int Step, sbyte Added)[] schedule = MillerSchedule.Lines;
        for (int lane = 0; lane < GroupSize && first + lane < schedule.Length; lane++)
        {
            plus = plus.WithElement(lane, schedule[first + lane].Added > 0 ? -1 : 0);
            minus = minus.WithElement(lane, schedule[first + lane].Added < 0 ? -1 : 0);
        }

        return (plus.AsDouble(), minus.AsDouble());
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Pairing;

/// <content>From the points of the loop to the factors of its lines.</content>
internal sealed partial class MillerLines
{
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
            ToLines(i * GroupSize, group, x, y, own, later);
            later = own;
        }

        for (int i = 0; i < MillerSchedule.Chunks.Length; i++)
        {
            CopyLines(i, records);
        }

        MergeDoublings(records);
    }

    /// <summary>Cx, v, nothing and λ of four lines, in place of their records.</summary>
    /// <param name="first">The index of the first line of the group.</param>
    /// <param name="group">X, Y, Z, s of four lines.</param>
    /// <param name="x">Rx.</param>
    /// <param name="y">Ry.</param>
    /// <param name="inverse">1/Z of the four.</param>
    /// <param name="later">1/Z of the next four: that of the first is the slope's denominator of the last line here.</param>
    private static void ToLines(
        int first, Span<SakkeQuad> group, in SakkeQuad x, in SakkeQuad y, in SakkeQuad inverse, in SakkeQuad later)
    {
        SakkeQuad next = SakkeQuad.Select(
            LaneMask.Lane3,
            later.Permuted<LaneOrder.Order1230>(),
            inverse.Permuted<LaneOrder.Order1230>());
        SakkeQuad.Multiply(group[3], next, out group[3]);
        SakkeQuad.Square(inverse, out SakkeQuad square);
        SakkeQuad.Multiply(group[0], square, out SakkeQuad ownX);
        SakkeQuad ownY = group[1] * (square * inverse);
        (Vector256<double> plus, Vector256<double> minus) = AdditionMasks(first);
        ownX = SakkeQuad.Select(plus | minus, x, ownX);
        ownY = SakkeQuad.Select(plus, y, ownY);
        ownY = SakkeQuad.Select(minus, -y, ownY);
        SakkeQuad.Multiply(group[3], ownX, out SakkeQuad product);
        SakkeQuad.Combine(1, product, -1, ownY, out group[1]);
        group[0] = ownX;
    }

    /// <summary>The lanes whose line adds R, and those whose line adds -R.</summary>
    private static (Vector256<double> Plus, Vector256<double> Minus) AdditionMasks(int first)
    {
        Vector256<long> plus = default;
        Vector256<long> minus = default;
        sbyte[] schedule = MillerSchedule.Lines;
        for (int lane = 0; lane < GroupSize && first + lane < schedule.Length; lane++)
        {
            plus = plus.WithElement(lane, schedule[first + lane] > 0 ? -1 : 0);
            minus = minus.WithElement(lane, schedule[first + lane] < 0 ? -1 : 0);
        }

        return (plus.AsDouble(), minus.AsDouble());
    }

    private static ref SakkeQuad SlopeOf(SakkeQuad[] records, int line) => ref records[(line & ~(GroupSize - 1)) + 3];

    private static ref SakkeQuad InterceptOf(SakkeQuad[] records, int line) => ref records[(line & ~(GroupSize - 1)) + 1];

    private static ref SakkeQuad AbscissaOf(SakkeQuad[] records, int line) => ref records[line & ~(GroupSize - 1)];

    /// <summary>What needs no merging: the line of a single doubling, and that of an addition.</summary>
    private void CopyLines(int index, SakkeQuad[] records)
    {
        MillerChunk chunk = MillerSchedule.Chunks[index];
        ref double first = ref Chunk(index);
        ref double second = ref Unsafe.Add(ref first, QuadraticLanes.PairLength);
        ref double intercepts = ref Unsafe.Add(ref second, QuadraticLanes.PairLength);
        if (chunk.Doublings == 1)
        {
            Copy(records, chunk.FirstLine, ref first, ref intercepts);
        }

        if (chunk.Added != 0)
        {
            ref double slope = ref chunk.Doublings == 1 ? ref first : ref second;
            Copy(records, chunk.AddedLine, ref Unsafe.Add(ref slope, 1), ref Unsafe.Add(ref intercepts, 1));
        }
    }

    private static void Copy(SakkeQuad[] records, int line, ref double slope, ref double intercept)
    {
        SlopeOf(records, line).CopyDigits(line % GroupSize, ref slope);
        InterceptOf(records, line).CopyDigits(line % GroupSize, ref intercept);
    }

    /// <summary>The functions of all chunks of two doublings, four at a time.</summary>
    private void MergeDoublings(SakkeQuad[] records)
    {
        // The products of before are done with: their space takes the lines of four chunks.
        ref MillerMerge merge = ref Unsafe.As<SakkeQuad, MillerMerge>(ref records[Groups * GroupSize]);
        Span<int> chunks = stackalloc int[GroupSize];
        int count = 0;
        for (int i = 0; i < MillerSchedule.Chunks.Length; i++)
        {
            MillerChunk chunk = MillerSchedule.Chunks[i];
            if (chunk.Doublings == 2)
            {
                int line = chunk.FirstLine;
                merge.Abscissa.CopyLane(count, AbscissaOf(records, line), line % GroupSize);
                merge.FirstSlope.CopyLane(count, SlopeOf(records, line), line % GroupSize);
                merge.FirstIntercept.CopyLane(count, InterceptOf(records, line), line % GroupSize);
                merge.SecondSlope.CopyLane(count, SlopeOf(records, line + 1), (line + 1) % GroupSize);
                merge.SecondIntercept.CopyLane(count, InterceptOf(records, line + 1), (line + 1) % GroupSize);
                chunks[count++] = i;
            }

            if (count == GroupSize || (count > 0 && i == MillerSchedule.Chunks.Length - 1))
            {
                merge.Compute();
                for (int lane = 0; lane < count; lane++)
                {
                    ref double first = ref Chunk(chunks[lane]);
                    ref double second = ref Unsafe.Add(ref first, QuadraticLanes.PairLength);
                    merge.A2.CopyDigits(lane, ref first);
                    merge.A1.CopyDigits(lane, ref Unsafe.Add(ref first, 1));
                    merge.B0.CopyDigits(lane, ref second);
                    merge.A0.CopyDigits(lane, ref Unsafe.Add(ref second, QuadraticLanes.PairLength));
                }

                count = 0;
            }
        }
    }
}

using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Curves;

/// <summary>
/// Multiples of one base for many secret scalars: the comb of Lim and Lee ("More Flexible Exponentiation with Precomputation",
/// CRYPTO 1994) with six teeth. The scalar is cut into six rows; one step takes one bit of each row.
/// </summary>
/// <remarks>
/// Constant time in the scalar: every step doubles, reads the whole table of 64 entries and adds. Making the table costs about
/// one multiplication; its contents are as public as the base.
/// </remarks>
internal sealed class FixedBaseComb<TElement>
    where TElement : struct, IGroupElement<TElement>
{
    private const int Teeth = 6;

    private readonly int rowLength;
    private readonly TElement[] table = new TElement[1 << Teeth];

    /// <param name="basis">The base.</param>
    /// <param name="scalarBits">The number of bits of the largest scalar.</param>
    public FixedBaseComb(in TElement basis, int scalarBits)
    {
        rowLength = (scalarBits + Teeth - 1) / Teeth;
        table[0] = TElement.Identity;
        TElement tooth = basis;
        for (int i = 0; i < Teeth; i++)
        {
            int half = 1 << i;
            for (int j = 0; j < half; j++)
            {
                table[half + j] = table[j] + tooth;
            }

            for (int j = 0; i < Teeth - 1 && j < rowLength; j++)
            {
                tooth = tooth.Double();
            }
        }
    }

    /// <summary>[scalar]base; the scalar as limbs, least significant first.</summary>
    public TElement Multiply(ReadOnlySpan<ulong> scalar)
    {
        TElement sum = TElement.Identity;
        for (int i = rowLength - 1; i >= 0; i--)
        {
            sum = sum.Double();
            TElement entry = Select(scalar, i);
            sum += entry;
        }

        return sum;
    }

    /// <summary>
    /// [scalar]base + [otherScalar]otherBase with shared doublings; both combs are for scalars of the same size.
    /// </summary>
    public TElement MultiplyAdd(ReadOnlySpan<ulong> scalar, FixedBaseComb<TElement> other, ReadOnlySpan<ulong> otherScalar)
    {
        TElement sum = TElement.Identity;
        for (int i = rowLength - 1; i >= 0; i--)
        {
            sum = sum.Double();
            TElement entry = Select(scalar, i);
            sum += entry;
            entry = other.Select(otherScalar, i);
            sum += entry;
        }

        return sum;
    }

    private TElement Select(ReadOnlySpan<ulong> scalar, int column)
    {
        ulong digit = 0;
        for (int tooth = 0; tooth < Teeth; tooth++)
        {
            int bit = column + (tooth * rowLength);
            if (bit < 64 * scalar.Length)
            {
                digit |= ((scalar[bit / 64] >> (bit % 64)) & 1) << tooth;
            }
        }

        TElement entry = table[0];
        for (int i = 1; i < table.Length; i++)
        {
            entry.ConditionalAssign(table[i], Choice.AreEqual(digit, (ulong)i));
        }

        return entry;
    }
}

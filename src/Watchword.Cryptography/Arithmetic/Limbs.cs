using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// Unsigned integers as equally long runs of 64-bit limbs, least significant first. Lengths are public, values are not: no
/// branch and no index depends on a limb.
/// </summary>
internal static class Limbs
{
    /// <summary>The integer of big-endian octets; their number is exactly eight per limb.</summary>
    public static void ReadBigEndian(ReadOnlySpan<byte> octets, Span<ulong> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = BinaryPrimitives.ReadUInt64BigEndian(octets[(8 * (destination.Length - 1 - i))..]);
        }
    }

    /// <summary>All octets, leading zeros kept: eight per limb.</summary>
    public static void WriteBigEndian(ReadOnlySpan<ulong> value, Span<byte> octets)
    {
        for (int i = 0; i < value.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(octets[(8 * (value.Length - 1 - i))..], value[i]);
        }
    }

    public static Choice IsZero(ReadOnlySpan<ulong> value)
    {
        ulong any = 0;
        for (int i = 0; i < value.Length; i++)
        {
            any |= value[i];
        }

        return Choice.IsZero(any);
    }

    public static Choice AreEqual(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        ulong any = 0;
        for (int i = 0; i < left.Length; i++)
        {
            any |= left[i] ^ right[i];
        }

        return Choice.IsZero(any);
    }

    public static Choice IsLess(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        ulong borrow = 0;
        for (int i = 0; i < left.Length; i++)
        {
            SubtractWithBorrow(left[i], right[i], ref borrow);
        }

        return Choice.FromBit(borrow);
    }

    /// <summary>left + right; gives the carry out. Arguments and destination may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> destination)
    {
        ulong carry = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = AddWithCarry(left[i], right[i], ref carry);
        }

        return carry;
    }

    /// <summary>left - right; gives the borrow out. Arguments and destination may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> destination)
    {
        ulong borrow = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = SubtractWithBorrow(left[i], right[i], ref borrow);
        }

        return borrow;
    }

    /// <summary>Overwrites <paramref name="destination"/> with <paramref name="source"/> if the choice is true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ConditionalAssign(Span<ulong> destination, ReadOnlySpan<ulong> source, Choice choice)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = choice.Select(source[i], destination[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AddWithCarry(ulong left, ulong right, ref ulong carry)
    {
        ulong partial = left + right;
        ulong sum = partial + carry;
        // The carry out of each addition by its sign bit, written without a comparison that could become a branch.
        carry = (((left & right) | ((left | right) & ~partial)) >> 63) | ((partial & ~sum) >> 63);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SubtractWithBorrow(ulong left, ulong right, ref ulong borrow)
    {
        ulong partial = left - right;
        ulong difference = partial - borrow;
        borrow = (((~left & right) | (~(left ^ right) & partial)) >> 63) | ((~partial & difference) >> 63);
        return difference;
    }
}

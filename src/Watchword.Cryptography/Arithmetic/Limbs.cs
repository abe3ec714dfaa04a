using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Overwrites <paramref name="destination"/> with <paramref name="source"/> if the choice is true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ConditionalAssign(Span<ulong> destination, ReadOnlySpan<ulong> source, Choice choice)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = choice.Select(source[i], destination[i]);
        }
    }

    /// <summary>The low word of left + right + carry; carry is 0 or 1 before and after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AddWithCarry(ulong left, ulong right, ref ulong carry)
    {
        ulong partial = left + right;
        ulong sum = partial + carry;
        carry = BitOfLess(partial, left) + BitOfLess(sum, partial);
        return sum;
    }

    /// <summary>The low word of left - right - borrow; borrow is 0 or 1 before and after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SubtractWithBorrow(ulong left, ulong right, ref ulong borrow)
    {
        ulong partial = left - right;
        ulong difference = partial - borrow;
        borrow = BitOfLess(left, right) + BitOfLess(partial, borrow);
        return difference;
    }

    /// <summary>The low word of a · b + addend + carry, which never exceeds two words; the high word becomes the carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong addend, ref ulong carry)
    {
        ulong high = MultiplyHigh(a, b);
        ulong low = a * b;
        low += addend;
        high += BitOfLess(low, addend);
        low += carry;
        high += BitOfLess(low, carry);
        carry = high;
        return low;
    }

    /// <summary>
    /// The high word of a · b. On x64 mulx keeps it in a register, where the out argument of Math.BigMul goes through the stack;
    /// a second multiplication for the low word costs less than that.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyHigh(ulong a, ulong b) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    /// <summary>
    /// 1 or 0. The comparison's value is taken as it is, which compiles to a compare and a set; a conditional expression could
    /// become a branch.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong BitOfLess(ulong left, ulong right) => Unsafe.BitCast<bool, byte>(left < right);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Watchword.Cryptography.Arithmetic;

/// <summary>
/// What costs little on <see cref="Quad1024"/>: sums, differences, carries, and moves between lanes. All exact.
/// </summary>
/// <remarks>
/// Products here are integers below 2^53 and need no fused multiply-add: the processor's is taken if there is one. Where there
/// is none the runtime would compute it by branches on the operands.
/// </remarks>
internal static class QuadArithmetic
{
    private const int N = Quad1024.DigitCount;

    /// <summary>left + right; the bounds add up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(in Quad1024 left, in Quad1024 right, out Quad1024 sum)
    {
        Unsafe.SkipInit(out sum);
        ref Vector256<double> a = ref Quad1024.First(in left);
        ref Vector256<double> b = ref Quad1024.First(in right);
        ref Vector256<double> result = ref Quad1024.First(in sum);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref result, i) = Unsafe.Add(ref a, i) + Unsafe.Add(ref b, i);
        }
    }

    /// <summary>left - right; the bounds add up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Subtract(in Quad1024 left, in Quad1024 right, out Quad1024 difference)
    {
        Unsafe.SkipInit(out difference);
        ref Vector256<double> a = ref Quad1024.First(in left);
        ref Vector256<double> b = ref Quad1024.First(in right);
        ref Vector256<double> result = ref Quad1024.First(in difference);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref result, i) = Unsafe.Add(ref a, i) - Unsafe.Add(ref b, i);
        }
    }

    /// <summary>Negates the lanes whose mask is all ones; the mask of the others is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Negate(Vector256<ulong> lanes, ref Quad1024 value)
    {
        // The sign bit is all that a double and its negative differ in.
        Vector256<double> signs = (lanes & Vector256.Create(1UL << 63)).AsDouble();
        ref Vector256<double> digits = ref Quad1024.First(in value);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref digits, i) ^= signs;
        }
    }

    /// <summary>The lanes of the value in another order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Permute<TOrder>(in Quad1024 value, out Quad1024 permuted)
        where TOrder : struct, ILaneOrder
    {
        Unsafe.SkipInit(out permuted);
        ref Vector256<double> source = ref Quad1024.First(in value);
        ref Vector256<double> result = ref Quad1024.First(in permuted);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref result, i) = Vector256.Shuffle(Unsafe.Add(ref source, i), TOrder.Sources);
        }
    }

    /// <summary>Lane 0 of the first, lane 1 of the second, lane 2 of the third and lane 3 of the fourth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Pack(in Quad1024 first, in Quad1024 second, in Quad1024 third, in Quad1024 fourth, out Quad1024 packed)
    {
        Unsafe.SkipInit(out packed);
        ref Vector256<double> a = ref Quad1024.First(in first);
        ref Vector256<double> b = ref Quad1024.First(in second);
        ref Vector256<double> c = ref Quad1024.First(in third);
        ref Vector256<double> d = ref Quad1024.First(in fourth);
        ref Vector256<double> result = ref Quad1024.First(in packed);
        Vector256<double> odd = Vector256.Create(0L, -1, 0, -1).AsDouble();
        Vector256<double> high = Vector256.Create(0L, 0, -1, -1).AsDouble();
        for (int i = 0; i < N; i++)
        {
            Vector256<double> low = Vector256.ConditionalSelect(odd, Unsafe.Add(ref b, i), Unsafe.Add(ref a, i));
            Vector256<double> upper = Vector256.ConditionalSelect(odd, Unsafe.Add(ref d, i), Unsafe.Add(ref c, i));
            Unsafe.Add(ref result, i) = Vector256.ConditionalSelect(high, upper, low);
        }
    }

    /// <summary>Each lane of the value in all lanes of a number of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Split(
        in Quad1024 value, out Quad1024 first, out Quad1024 second, out Quad1024 third, out Quad1024 fourth)
    {
        Unsafe.SkipInit(out first);
        Unsafe.SkipInit(out second);
        Unsafe.SkipInit(out third);
        Unsafe.SkipInit(out fourth);
        ref Vector256<double> source = ref Quad1024.First(in value);
        ref Vector256<double> a = ref Quad1024.First(in first);
        ref Vector256<double> b = ref Quad1024.First(in second);
        ref Vector256<double> c = ref Quad1024.First(in third);
        ref Vector256<double> d = ref Quad1024.First(in fourth);
        for (int i = 0; i < N; i++)
        {
            Vector256<double> digit = Unsafe.Add(ref source, i);
            Unsafe.Add(ref a, i) = Vector256.Shuffle(digit, Vector256.Create(0L, 0, 0, 0));
            Unsafe.Add(ref b, i) = Vector256.Shuffle(digit, Vector256.Create(1L, 1, 1, 1));
            Unsafe.Add(ref c, i) = Vector256.Shuffle(digit, Vector256.Create(2L, 2, 2, 2));
            Unsafe.Add(ref d, i) = Vector256.Shuffle(digit, Vector256.Create(3L, 3, 3, 3));
        }
    }

    /// <summary>
    /// a · x + b · y modulo m, plain; the factors are small integers, and their absolute values times the bounds of x and y add
    /// up to at most 32.
    /// </summary>
    /// <remarks>
    /// The highest digit says how often m fits in: at most 32 times what a plain number is. Without it sums of sums would grow,
    /// slowly, beyond what conversions take. Digits stay below 2^46 · 32 + 2^46 · 32, within 2^53.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Combine(
        double a, in Quad1024 x, double b, in Quad1024 y, QuadModulus modulus, out Quad1024 sum)
    {
        Unsafe.SkipInit(out sum);
        ref Vector256<double> first = ref Quad1024.First(in x);
        ref Vector256<double> second = ref Quad1024.First(in y);
        ref Vector256<double> result = ref Quad1024.First(in sum);
        ref double negative = ref modulus.Negative;
        Vector256<double> factor = Vector256.Create(a);
        Vector256<double> otherFactor = Vector256.Create(b);
        Vector256<double> top = Vector256.MultiplyAddEstimate(
            factor, Unsafe.Add(ref first, N - 1), otherFactor * Unsafe.Add(ref second, N - 1));
        Vector256<double> toInteger = Vector256.Create(Quad1024.RoundToInteger);
        Vector256<double> quotient = ((top * Vector256.Create(modulus.TopDigitQuotient)) + toInteger) - toInteger;
        Vector256<double> round = Vector256.Create(Quad1024.RoundToCarry);
        Vector256<double> down = Vector256.Create(Quad1024.Down);
        Vector256<double> carry = default;
        for (int i = 0; i < N; i++)
        {
            Vector256<double> digit = Vector256.MultiplyAddEstimate(
                factor, Unsafe.Add(ref first, i), otherFactor * Unsafe.Add(ref second, i));
            digit = Vector256.MultiplyAddEstimate(quotient, Vector256.Create(Unsafe.Add(ref negative, i)), digit);

            // The last digit is small, so that it has no carry.
            Vector256<double> high = (digit + round) - round;
            Unsafe.Add(ref result, i) = Vector256.MultiplyAddEstimate(carry, down, digit - high);
            carry = high;
        }
    }

    /// <summary>Turns four numbers of four lanes: lane i of number j becomes lane j of number i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Transpose(ref Quad1024 first, ref Quad1024 second, ref Quad1024 third, ref Quad1024 fourth)
    {
        ref Vector256<double> a = ref Quad1024.First(in first);
        ref Vector256<double> b = ref Quad1024.First(in second);
        ref Vector256<double> c = ref Quad1024.First(in third);
        ref Vector256<double> d = ref Quad1024.First(in fourth);
        for (int i = 0; i < N; i++)
        {
            Vector256<double> v0 = Unsafe.Add(ref a, i), v1 = Unsafe.Add(ref b, i);
            Vector256<double> v2 = Unsafe.Add(ref c, i), v3 = Unsafe.Add(ref d, i);
            Vector128<double> low = Vector128.Create(v0[0], v1[0]);
            Unsafe.Add(ref a, i) = Vector256.Create(low, Vector128.Create(v2[0], v3[0]));
            low = Vector128.Create(v0[1], v1[1]);
            Unsafe.Add(ref b, i) = Vector256.Create(low, Vector128.Create(v2[1], v3[1]));
            low = Vector128.Create(v0[2], v1[2]);
            Unsafe.Add(ref c, i) = Vector256.Create(low, Vector128.Create(v2[2], v3[2]));
            low = Vector128.Create(v0[3], v1[3]);
            Unsafe.Add(ref d, i) = Vector256.Create(low, Vector128.Create(v2[3], v3[3]));
        }
    }

    /// <summary>
    /// The lanes of <paramref name="whenSet"/> whose mask is all ones, and the others of <paramref name="otherwise"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Select(Vector256<double> mask, in Quad1024 whenSet, in Quad1024 otherwise, out Quad1024 selected)
    {
        Unsafe.SkipInit(out selected);
        ref Vector256<double> a = ref Quad1024.First(in whenSet);
        ref Vector256<double> b = ref Quad1024.First(in otherwise);
        ref Vector256<double> result = ref Quad1024.First(in selected);
        for (int i = 0; i < N; i++)
        {
            Unsafe.Add(ref result, i) = Vector256.ConditionalSelect(mask, Unsafe.Add(ref a, i), Unsafe.Add(ref b, i));
        }
    }
}

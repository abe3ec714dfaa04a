using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>
/// Shamir's scheme over GF(2^8), octet by octet (A. Shamir, How to Share a Secret, 1979): a random polynomial of degree
/// threshold - 1 with the secret at 0; share i is its value at i. Fewer shares than the threshold say nothing at all about the
/// secret.
/// </summary>
internal static class ShamirScheme
{
    public const int MaxShares = 32;

    /// <summary>Splits a secret.</summary>
    /// <param name="secret">Any number of octets.</param>
    /// <param name="threshold">How many shares give it back.</param>
    /// <param name="values">One span of the secret's length per share, for x = 1, 2, ...</param>
    public static void Split(ReadOnlySpan<byte> secret, int threshold, byte[][] values)
    {
        Span<byte> coefficients = stackalloc byte[MaxShares];
        coefficients = coefficients[..threshold];
        try
        {
            for (int octet = 0; octet < secret.Length; octet++)
            {
                RandomNumberGenerator.Fill(coefficients);
                coefficients[0] = secret[octet];
                for (int share = 0; share < values.Length; share++)
                {
                    values[share][octet] = Evaluate(coefficients, (byte)(share + 1));
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(coefficients);
        }
    }

    /// <summary>Interpolates at 0.</summary>
    /// <param name="positions">The x of each share, distinct and not zero.</param>
    /// <param name="values">Its octets.</param>
    /// <param name="secret">As long as each of them.</param>
    public static void Combine(ReadOnlySpan<byte> positions, IReadOnlyList<byte[]> values, Span<byte> secret)
    {
        secret.Clear();
        for (int share = 0; share < positions.Length; share++)
        {
            byte weight = Weight(positions, share);
            for (int octet = 0; octet < secret.Length; octet++)
            {
                secret[octet] ^= ShamirField.Multiply(weight, values[share][octet]);
            }
        }
    }

    /// <summary>Horner's rule, from the highest coefficient.</summary>
    internal static byte Evaluate(ReadOnlySpan<byte> coefficients, byte x)
    {
        byte value = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
        {
            value = (byte)(ShamirField.Multiply(value, x) ^ coefficients[i]);
        }

        return value;
    }

    // Lagrange's basis polynomial at 0; subtraction is exclusive or, so 0 - x = x.
    private static byte Weight(ReadOnlySpan<byte> positions, int share)
    {
        byte numerator = 1;
        byte denominator = 1;
        for (int other = 0; other < positions.Length; other++)
        {
            if (other != share)
            {
                numerator = ShamirField.Multiply(numerator, positions[other]);
                denominator = ShamirField.Multiply(denominator, (byte)(positions[other] ^ positions[share]));
            }
        }

        return ShamirField.Multiply(numerator, ShamirField.Invert(denominator));
    }
}

using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;

namespace Watchword.Cryptography.Eccsi;

/// <summary>Scalars of RFC 6507: integers 1..q-1 as 32 octets.</summary>
internal static class EccsiScalars
{
    public const int SizeInBytes = 32;

    /// <summary>Decodes 1..q-1 from exactly 32 octets; false, and zero, for anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> octets, out P256Scalar scalar)
    {
        scalar = default;
        if (octets.Length != SizeInBytes)
        {
            return false;
        }

        Choice valid = P256Scalar.Decode(octets, out scalar) & !scalar.IsZero();
        return valid.Reveal();
    }

    /// <summary>A uniform scalar 1..q-1, by rejection; the number of attempts says nothing about the accepted one.</summary>
    public static void Random(out P256Scalar scalar)
    {
        Span<byte> octets = stackalloc byte[SizeInBytes];
        Random(octets, out scalar);
        CryptographicOperations.ZeroMemory(octets);
    }

    /// <summary>As above, with the octets.</summary>
    public static void Random(Span<byte> octets, out P256Scalar scalar)
    {
        do
        {
            RandomNumberGenerator.Fill(octets);
        }
        while (!TryDecode(octets, out scalar));
    }

    /// <summary>As many uniform scalars as the destination has; the octets are drawn together, which costs less.</summary>
    public static void Random(Span<P256Scalar> scalars)
    {
        const int Chunk = 16;
        Span<byte> octets = stackalloc byte[Chunk * SizeInBytes];
        for (int i = 0; i < scalars.Length; i++)
        {
            int slot = i % Chunk;
            if (slot == 0)
            {
                RandomNumberGenerator.Fill(octets[..(Math.Min(Chunk, scalars.Length - i) * SizeInBytes)]);
            }

            if (!TryDecode(octets.Slice(slot * SizeInBytes, SizeInBytes), out scalars[i]))
            {
                Random(out scalars[i]);
            }
        }

        CryptographicOperations.ZeroMemory(octets);
    }
}

namespace Watchword.Fuzz;

/// <summary>Seeded mutations of octet strings: the same seed over the same corpus gives the same inputs.</summary>
internal sealed class Mutator(ulong seed, IReadOnlyList<byte[]> dictionary)
{
    private const int MaximumSize = 256 * 1024;

    // xorshift64* (Vigna 2016), which must not start at zero.
    private ulong _state = seed == 0 ? 0x9E37_79B9_7F4A_7C15 : seed;

    public int Next(int bound)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (int)(((_state * 0x2545_F491_4F6C_DD1D) >> 33) % (ulong)bound);
    }

    /// <summary>
    /// A copy of <paramref name="input"/> with one to eight changes; <paramref name="other"/> gives stretches to splice in.
    /// </summary>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        List<byte> octets = [.. input];
        for (int changes = 1 << Next(4); changes > 0; changes--)
        {
            int at = Next(octets.Count + 1);
            int length = Math.Min(1 << Next(10), octets.Count - at);
            switch (Next(8))
            {
                case 0 when at < octets.Count:
                    octets[at] ^= (byte)(1 << Next(8));
                    break;
                case 1 when at < octets.Count:
                    octets[at] = (byte)Next(256);
                    break;
                case 2 when at < octets.Count:
                    octets[at] += (byte)(Next(2) == 0 ? 1 : 255);
                    break;
                case 3:
                    octets.RemoveRange(at, length);
                    break;
                case 4:
                    octets.InsertRange(Next(octets.Count + 1), octets.GetRange(at, length));
                    break;
                case 5:
                    octets.InsertRange(at, dictionary[Next(dictionary.Count)]);
                    break;
                case 6:
                    Overwrite(octets, at, dictionary[Next(dictionary.Count)]);
                    break;
                default:
                    int from = Next(other.Length + 1);
                    octets.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)));
                    break;
            }
        }

        return octets.Count > MaximumSize ? [.. octets.Take(MaximumSize)] : [.. octets];
    }

    private static void Overwrite(List<byte> octets, int at, byte[] word)
    {
        int length = Math.Min(word.Length, octets.Count - at);
        for (int i = 0; i < length; i++)
        {
            octets[at + i] = word[i];
        }
    }
}

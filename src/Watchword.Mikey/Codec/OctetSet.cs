namespace Watchword.Mikey;

/// <summary>
/// Which of the 256 values of an octet have been seen. It lives on the stack: looking for duplicates allocates nothing.
/// </summary>
internal struct OctetSet
{
    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    /// <summary>Adds a value; false if it was there.</summary>
    public bool Add(byte value)
    {
        ulong bit = 1UL << (value & 63);
        return (value >> 6) switch
        {
            0 => Add(ref _first, bit),
            1 => Add(ref _second, bit),
            2 => Add(ref _third, bit),
            _ => Add(ref _fourth, bit),
        };
    }

    private static bool Add(ref ulong word, ulong bit)
    {
        bool isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}

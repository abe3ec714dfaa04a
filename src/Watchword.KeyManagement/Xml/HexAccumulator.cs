namespace Watchword.KeyManagement.Xml;

/// <summary>Puts hexadecimal digits that come in pieces into a destination of known length.</summary>
internal ref struct HexAccumulator(Span<byte> destination, bool whiteSpaceWithin)
{
    private readonly Span<byte> _destination = destination;
    private int _digits;
    private bool _ended;

    public readonly bool IsEmpty => _digits == 0;

    public readonly bool IsComplete => _digits == 2 * _destination.Length;

    /// <summary>Takes the next characters; gives the fault if they do not belong there.</summary>
    public KeyManagementFormatFault? Add(ReadOnlySpan<char> characters)
    {
        foreach (char character in characters)
        {
            if (character is ' ' or '\t' or '\r' or '\n')
            {
                // hexBinary collapses white space around the digits only (XML Schema 2 §3.2.15).
                _ended = _digits > 0 && !whiteSpaceWithin;
                continue;
            }

            int nibble = Hexadecimal.Nibble(character);
            if (_ended || nibble < 0)
            {
                return KeyManagementFormatFault.InvalidValue;
            }

            if (IsComplete)
            {
                return KeyManagementFormatFault.WrongLength;
            }

            ref byte octet = ref _destination[_digits >> 1];
            octet = (byte)((octet << 4) | nibble);
            _digits++;
        }

        return null;
    }
}

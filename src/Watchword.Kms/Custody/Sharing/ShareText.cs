using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Kms;

/// <summary>
/// A share as text that a person can type: lines of four groups of five symbols (Crockford's base 32: no I, L, O, U; case does
/// not matter, O reads as 0, I and L as 1), each with two symbols that check it, so that a slip is found in its line.
/// <code>
/// # Watchword share 2 of 5, any 3 open it: key-encryption key, set 00a1b2c3d4e5f607
/// 1: 04000 2T2S8 ZK0CN 6Y7M0 X4
/// ...
/// </code>
/// Symbols become octets without tables or branches on their value; nothing of it is ever a string.
/// </summary>
public static class ShareText
{
    /// <summary>More octets than any text of a share has.</summary>
    public const int MaxOctets = 4096;

    /// <summary>Lines that count in the text of a share.</summary>
    public const int LineCount = Lines;

    private const int SymbolsPerGroup = 5;
    private const int SymbolsPerLine = 20;
    private const int CheckSymbols = 2;
    private const int Symbols = ((KeyShare.EncodedOctets * 8) + 4) / 5;
    private const int Lines = (Symbols + SymbolsPerLine - 1) / SymbolsPerLine;

    /// <summary>Writes a share.</summary>
    /// <param name="share">The share.</param>
    /// <param name="count">How many shares the set has, for the first line.</param>
    /// <param name="destination">At least <see cref="MaxOctets"/>; the caller zeroes it.</param>
    /// <returns>How many octets of ASCII were written.</returns>
    public static int Write(KeyShare share, int count, Span<byte> destination)
    {
        Span<byte> encoded = stackalloc byte[KeyShare.EncodedOctets];
        Span<byte> symbols = stackalloc byte[Symbols];
        try
        {
            share.Encode(encoded);
            ToSymbols(encoded, symbols);
            int written = Text(
                destination,
                $"# Watchword share {share.Index} of {count}, any {share.Threshold} open it: {NameOf(share.Kind)}, "
                + $"set {share.SetId}\n");
            for (int line = 0; line < Lines; line++)
            {
                written += Text(destination[written..], $"{line + 1}:");
                written += WriteLine(LineOf(symbols, line), line, destination[written..]);
            }

            return written;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
            CryptographicOperations.ZeroMemory(symbols);
        }
    }

    /// <summary>Reads a share. Lines that begin with <c>#</c>, empty ones, blanks and hyphens do not count.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.ShareMalformed"/>, with the number of the line.</exception>
    public static KeyShare Parse(ReadOnlySpan<byte> text)
    {
        Span<byte> encoded = stackalloc byte[KeyShare.EncodedOctets];
        Span<byte> symbols = stackalloc byte[Lines * SymbolsPerLine];
        try
        {
            int line = 0;
            foreach (Range range in text.Split((byte)'\n'))
            {
                ReadOnlySpan<byte> content = text[range].Trim(" \t\r"u8);
                if (content.IsEmpty || content[0] == '#')
                {
                    continue;
                }

                if (line == Lines)
                {
                    throw Malformed($"more than {Lines} lines");
                }

                ReadLine(content, line, LineOf(symbols[..Symbols], line));
                line++;
            }

            if (line < Lines)
            {
                throw Malformed($"line {line + 1} is missing");
            }

            FromSymbols(symbols[..Symbols], encoded);
            return KeyShare.Decode(encoded) ?? throw Malformed("another version");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
            CryptographicOperations.ZeroMemory(symbols);
        }
    }

    /// <summary>Reads a share from a file that its owner alone can reach.</summary>
    public static KeyShare ReadFile(string path)
    {
        byte[] content = GuardedFile.Read(path, MaxOctets);
        try
        {
            return Parse(content);
        }
        catch (KmsException fault) when (fault.Error == KmsError.ShareMalformed)
        {
            throw new KmsException(KmsError.ShareMalformed, $"{path}: {fault.Detail}", fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Writes shares into new files of mode 0600, <c>share-1.txt</c> and so on. Never overwrites.</summary>
    /// <returns>The paths.</returns>
    public static IReadOnlyList<string> WriteFiles(IReadOnlyList<KeyShare> shares, string directory)
    {
        List<string> paths = [];
        byte[] text = GC.AllocateArray<byte>(MaxOctets, pinned: true);
        try
        {
            foreach (KeyShare share in shares)
            {
                string path = Path.Combine(
                    directory, string.Create(CultureInfo.InvariantCulture, $"share-{share.SetId}-{share.Index}.txt"));
                GuardedFile.WriteNew(path, text.AsSpan(0, Write(share, shares.Count, text)));
                paths.Add(path);
            }

            return paths;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static string NameOf(ShareKind kind) => kind switch
    {
        ShareKind.KeyEncryptionKey => "key-encryption key",
        ShareKind.TokenPin => "token PIN",
        _ => "recovery key",
    };

    private static Span<byte> LineOf(Span<byte> symbols, int line) =>
        symbols.Slice(line * SymbolsPerLine, Math.Min(SymbolsPerLine, symbols.Length - (line * SymbolsPerLine)));

    private static int WriteLine(ReadOnlySpan<byte> symbols, int line, Span<byte> destination)
    {
        Span<byte> check = stackalloc byte[CheckSymbols];
        CheckOf(symbols, line, check);
        int written = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            if (i % SymbolsPerGroup == 0)
            {
                destination[written++] = (byte)' ';
            }

            destination[written++] = LetterOf(symbols[i]);
        }

        destination[written++] = (byte)' ';
        destination[written++] = LetterOf(check[0]);
        destination[written++] = LetterOf(check[1]);
        destination[written++] = (byte)'\n';
        return written;
    }

    private static void ReadLine(ReadOnlySpan<byte> content, int line, Span<byte> symbols)
    {
        string name = $"line {line + 1}";
        int colon = content.IndexOf((byte)':');
        if (colon >= 0)
        {
            if (!int.TryParse(content[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                || number != line + 1)
            {
                throw Malformed($"{name} bears another number");
            }

            content = content[(colon + 1)..];
        }

        Span<byte> check = stackalloc byte[CheckSymbols];
        Span<byte> computed = stackalloc byte[CheckSymbols];
        int count = 0;
        uint invalid = 0;
        foreach (byte letter in content)
        {
            if (letter is (byte)' ' or (byte)'\t' or (byte)'-')
            {
                continue;
            }

            if (count == symbols.Length + CheckSymbols)
            {
                throw Malformed($"{name} is too long");
            }

            int symbol = SymbolOf(letter);
            invalid |= (uint)symbol >> 31;
            (count < symbols.Length ? symbols[count..] : check[(count - symbols.Length)..])[0] = (byte)(symbol & 31);
            count++;
        }

        CheckOf(symbols, line, computed);
        if (count < symbols.Length + CheckSymbols || invalid != 0 || !CryptographicOperations.FixedTimeEquals(check, computed))
        {
            throw Malformed(name);
        }
    }

    // Two check symbols of a Reed-Solomon code over GF(2^5), x^5 + x^2 + 1: the sum of the symbols and the sum of symbol i times
    // x^i, the number of the line among them. Its distance is 3, so two wrong or exchanged symbols of a line never go unseen.
    private static void CheckOf(ReadOnlySpan<byte> symbols, int line, Span<byte> check)
    {
        int sum = line;
        int weighted = line;
        for (int i = symbols.Length - 1; i >= 0; i--)
        {
            weighted = (weighted << 1) ^ (0x25 & -(weighted >> 4));
            weighted ^= symbols[i];
            sum ^= symbols[i];
        }

        check[0] = (byte)sum;
        check[1] = (byte)weighted;
    }

    private static void ToSymbols(ReadOnlySpan<byte> octets, Span<byte> symbols)
    {
        for (int i = 0; i < symbols.Length; i++)
        {
            int bit = i * 5;
            int first = octets[bit / 8] << 8;
            int second = (bit / 8) + 1 < octets.Length ? octets[(bit / 8) + 1] : 0;
            symbols[i] = (byte)(((first | second) >> (11 - (bit % 8))) & 31);
        }
    }

    private static void FromSymbols(ReadOnlySpan<byte> symbols, Span<byte> octets)
    {
        octets.Clear();
        for (int i = 0; i < symbols.Length; i++)
        {
            int bit = i * 5;
            int shifted = symbols[i] << (11 - (bit % 8));
            octets[bit / 8] |= (byte)(shifted >> 8);
            if ((bit / 8) + 1 < octets.Length)
            {
                octets[(bit / 8) + 1] |= (byte)shifted;
            }
        }
    }

    // 0-9, then A-Z without I, L, O and U: steps over the gaps, each added where the symbol is past it.
    private static byte LetterOf(int symbol)
    {
        int letter = symbol + '0';
        letter += 7 & Past(symbol, 10);
        letter += 1 & Past(symbol, 18);
        letter += 1 & Past(symbol, 20);
        letter += 1 & Past(symbol, 22);
        letter += 1 & Past(symbol, 27);
        return (byte)letter;
    }

    // The symbol, or -1: every symbol is compared with the letter, and the one that fits is kept.
    private static int SymbolOf(byte letter)
    {
        int upper = letter - (0x20 & Past(letter, 'a'));
        upper = Replace(upper, 'O', '0');
        upper = Replace(upper, 'I', '1');
        upper = Replace(upper, 'L', '1');
        int found = -1;
        for (int symbol = 0; symbol < 32; symbol++)
        {
            int equal = EqualMask(LetterOf(symbol), upper);
            found = (found & ~equal) | (symbol & equal);
        }

        return found;
    }

    private static int Replace(int letter, char from, char to)
    {
        int equal = EqualMask(letter, from);
        return (letter & ~equal) | (to & equal);
    }

    // All ones if value >= bound, for small numbers.
    private static int Past(int value, int bound) => ~((value - bound) >> 31);

    private static int EqualMask(int left, int right) => ((left ^ right) - 1) >> 31;

    private static int Text(Span<byte> destination, string text) => Encoding.ASCII.GetBytes(text, destination);

    private static KmsException Malformed(string detail) => new(KmsError.ShareMalformed, detail);
}

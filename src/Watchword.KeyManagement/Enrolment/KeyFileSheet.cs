using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Enrolment;

/// <summary>
/// The transport key file as a sheet of text to print, seal and type in. The digits stand in numbered lines of four groups of
/// five; two check characters end each line. Only lines that begin with a number are read back.
/// </summary>
internal static class KeyFileSheet
{
    private const int GroupLength = 5;
    private const int DigitsPerLine = 20;
    private const int CheckLength = 2;

    // A prime below 1024, the values of two digits. The weights are powers of 31: no change of one digit and no exchange of two
    // neighbours leaves the sum as it was.
    private const int CheckModulus = 1021;
    private const int CheckBase = 31;

    private const int Capacity = TransportKeyFile.MaxOctets;

    public static SecretText Write(TransportKeyFile file)
    {
        byte[] octets = KeyFilePayload.Octets(file);
        byte[] digits = GC.AllocateArray<byte>(Base32.DigitsFor(octets.Length), pinned: true);
        SecretText text = new(Capacity);
        try
        {
            Base32.Encode(octets, digits);
            text.Write(Encoding.UTF8.GetBytes(Head(file)));
            for (int line = 1, at = 0; at < digits.Length; line++, at += DigitsPerLine)
            {
                WriteLine(text, line, digits.AsSpan(at, Math.Min(DigitsPerLine, digits.Length - at)));
            }

            return text;
        }
        catch
        {
            text.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
            CryptographicOperations.ZeroMemory(digits);
        }
    }

    public static TransportKeyFile Parse(ReadOnlySpan<byte> text)
    {
        byte[] digits = GC.AllocateArray<byte>(text.Length, pinned: true);
        try
        {
            int length = 0, expected = 1;
            foreach (Range range in text.Split((byte)'\n'))
            {
                ReadOnlySpan<byte> line = text[range].Trim(" \t\r"u8);
                if (line.Length > 0 && char.IsAsciiDigit((char)line[0]))
                {
                    length += ReadLine(line, expected++, digits.AsSpan(length));
                }
            }

            return length > 0
                ? KeyFilePayload.FromDigits(digits.AsSpan(0, length))
                : throw new TransportKeyFileException(TransportKeyFileFault.NotAKeyFile);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(digits);
        }
    }

    private static string Head(TransportKeyFile file) =>
        "WATCHWORD TRANSPORT KEY SHEET 1\n"
        + "Keep it sealed until the keys are typed in. Then destroy it.\n\n"
        + $"KMS      {file.KmsUri}\n"
        + $"Address  {file.KmsAddress}\n"
        + $"User     {file.UserUri}\n"
        + $"Client   {file.ClientId}\n"
        + $"Keys     {file.TransportKey.Id}\n"
        + $"and      {file.IntegrityKey.Id}\n"
        + $"Created  {XmlTime.ToString(file.Created, withZone: true)}\n"
        + $"Words    {string.Join(' ', file.FingerprintWords)}\n\n"
        + "Type the lines below with their numbers. I, L and 1 are the same, and so are O and 0.\n\n";

    private static void WriteLine(SecretText text, int line, ReadOnlySpan<byte> digits)
    {
        text.Write(Encoding.UTF8.GetBytes(line.ToString("00", CultureInfo.InvariantCulture)));
        text.Write(" "u8);
        for (int at = 0; at < digits.Length; at += GroupLength)
        {
            text.Write(" "u8);
            text.Write(digits.Slice(at, Math.Min(GroupLength, digits.Length - at)));
        }

        int check = Check(line, digits);
        text.Write("  "u8);
        text.Write([Base32.Digit(check >> 5), Base32.Digit(check & 31)]);
        text.Write("\n"u8);
    }

    /// <summary>Takes the digits of a line without its number and its check characters; gives how many they are.</summary>
    private static int ReadLine(ReadOnlySpan<byte> line, int expected, Span<byte> destination)
    {
        int blank = line.IndexOfAny(" \t"u8);
        if (blank <= 0 || !int.TryParse(line[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number != expected)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.MissingLine, expected);
        }

        int count = 0;
        foreach (byte character in line[blank..])
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'-'))
            {
                destination[count++] = character;
            }
        }

        if (count is <= CheckLength or > DigitsPerLine + CheckLength)
        {
            throw new TransportKeyFileException(TransportKeyFileFault.WrongLine, expected);
        }

        count -= CheckLength;
        int high = Base32.Value(destination[count]), low = Base32.Value(destination[count + 1]);
        int check = Check(expected, destination[..count]);
        return (high | low | check) >= 0 && ((high << 5) | low) == check
            ? count
            : throw new TransportKeyFileException(TransportKeyFileFault.WrongLine, expected);
    }

    /// <summary>The check value of a line, which its number takes part in; negative if a character is no digit.</summary>
    private static int Check(int line, ReadOnlySpan<byte> digits)
    {
        int sum = line % CheckModulus, bad = 0;
        foreach (byte digit in digits)
        {
            int value = Base32.Value(digit);
            bad |= value;
            sum = ((sum * CheckBase) + (value & 31)) % CheckModulus;
        }

        return bad < 0 ? -1 : sum;
    }
}

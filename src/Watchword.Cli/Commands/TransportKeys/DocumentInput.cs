using System.Security.Cryptography;
using Watchword.Cli.Secrets;
using Watchword.KeyManagement;
using SecretText = Watchword.Cli.Secrets.SecretText;

namespace Watchword.Cli.Commands.TransportKeys;

/// <summary>
/// The ways in which a document with transport keys enters: a file of mode 0600, a prompt without echo, standard input.
/// </summary>
internal static class DocumentInput
{
    private const int MaxSheetLines = 200;

    /// <summary>Reads a file that only its owner can read; any of the three forms.</summary>
    public static TransportKeyFile FromFile(string path)
    {
        using FileStream stream = SecretInput.OpenPrivate(path, "transport key");
        return FromStream(stream);
    }

    /// <summary>Reads the text of a QR code.</summary>
    public static TransportKeyFile FromText(IConsoleIo io)
    {
        if (!io.CanPrompt)
        {
            return FromInput(io);
        }

        using SecretText text = io.ReadSecret("text of the QR code:");
        return TransportKeyFile.Parse(text.Octets);
    }

    /// <summary>Reads the lines of a sheet, up to an empty one.</summary>
    public static TransportKeyFile FromSheet(IConsoleIo io)
    {
        if (!io.CanPrompt)
        {
            return FromInput(io);
        }

        byte[] sheet = GC.AllocateArray<byte>(TransportKeyFile.MaxOctets, pinned: true);
        try
        {
            int length = 0;
            for (int number = 1; number <= MaxSheetLines && io.CanPrompt; number++)
            {
                using SecretText line = io.ReadSecret($"line {Printable.Number(number)} of the sheet, empty after the last:");
                if (line.Length == 0)
                {
                    break;
                }

                if (length + line.Length + 1 > sheet.Length)
                {
                    throw new CliException(ExitCode.Malformed, "the sheet is longer than any");
                }

                line.Octets.CopyTo(sheet.AsSpan(length));
                length += line.Length;
                sheet[length++] = (byte)'\n';
            }

            return TransportKeyFile.Parse(sheet.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sheet);
        }
    }

    private static TransportKeyFile FromInput(IConsoleIo io)
    {
        using Stream input = io.OpenInput();
        return FromStream(input);
    }

    private static TransportKeyFile FromStream(Stream stream)
    {
        byte[] octets = GC.AllocateArray<byte>(TransportKeyFile.MaxOctets + 1, pinned: true);
        try
        {
            int length = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            return TransportKeyFile.Parse(octets.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}

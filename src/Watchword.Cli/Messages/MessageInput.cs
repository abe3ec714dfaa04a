using System.Text;
using Watchword.Cli.Captures;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>
/// Reads MIKEY messages in any of the forms in which they travel: raw octets, hexadecimal, base64 with white space, base64 behind
/// <c>a=key-mgmt:mikey </c> or <c>mikey </c> as SDP has it (RFC 4567 §3), or a capture of SIP. They come from a file, from
/// standard
/// input, or stand on the command line themselves.
/// </summary>
internal static class MessageInput
{
    // Hexadecimal doubles the longest message; the rest is for line ends and the lines of an SDP around it.
    private const int MaximumText = (2 * MikeyMessage.MaximumSizeInBytes) + 65_536;

    /// <summary>The only message of an input.</summary>
    /// <exception cref="CliException">There is none, or there are several.</exception>
    public static byte[] ReadOne(IConsoleIo io, string? argument) => Read(io, argument) is [FoundMessage only]
        ? only.Octets
        : throw new CliException(ExitCode.Usage, "there are several messages")
        {
            Hint = "`watchword mikey decode --json` shows each as `messages[].message`; give the one that is meant",
        };

    /// <summary>
    /// The messages of an input, at least one; <paramref name="argument"/> is a file, a message, or <c>-</c> or null for
    /// standard input.
    /// </summary>
    /// <exception cref="CliException">There is none.</exception>
    /// <exception cref="CaptureFormatException">A capture is damaged.</exception>
    public static IReadOnlyList<FoundMessage> Read(IConsoleIo io, string? argument)
    {
        if (argument is null or "-")
        {
            return io.CanPrompt
                ? throw new CliException(ExitCode.Usage, "no message was given") { Hint = "name a file, or pipe the message in" }
                : Find(ReadAll(io.OpenInput(), "standard input"), "standard input");
        }

        if (!File.Exists(argument) && FromText(argument) is { } given && given.TrueForAll(message => IsBeginning(message.Octets)))
        {
            return given;
        }

        return Find(ReadAll(Open(argument), argument), argument);
    }

    /// <summary>The messages in octets of any form; empty if there are none.</summary>
    /// <exception cref="CaptureFormatException">A capture is damaged.</exception>
    public static IReadOnlyList<FoundMessage> Find(byte[] content)
    {
        if (CaptureFile.IsCapture(content))
        {
            return [.. CaptureReader.Read(content).Select(message => new FoundMessage(message.Octets, message))];
        }

        // A message begins with version 1 and data type 26: no text begins so.
        return content.Length > 0 && content[0] == 0x01
            ? [new FoundMessage(content)]
            : content.Length <= MaximumText ? FromText(Encoding.Latin1.GetString(content)) ?? [] : [];
    }

    private static IReadOnlyList<FoundMessage> Find(byte[] content, string source)
    {
        if (content.Length == 0)
        {
            throw Malformed(source, "it is empty");
        }

        IReadOnlyList<FoundMessage> found = Find(content);
        if (found.Count > 0)
        {
            return found;
        }

        throw CaptureFile.IsCapture(content)
            ? Malformed(source, "no SIP message in this capture carries one, over UDP or TCP without encryption")
            : content.Length > MaximumText
                ? Malformed(source, "it is far longer than any message")
                : Malformed(source, "it is neither raw octets nor hexadecimal nor base64, nor a capture");
    }

    private static List<FoundMessage>? FromText(string text)
    {
        List<FoundMessage> described = [.. MimeBodies.FindInSdp(text).Select(octets => new FoundMessage(octets))];
        if (described.Count > 0)
        {
            return described;
        }

        string compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        compact = text.TrimStart().StartsWith("mikey ", StringComparison.Ordinal) ? compact["mikey".Length..] : compact;
        // In base64 every message begins with "ARo": what has hexadecimal digits only is hexadecimal.
        byte[]? octets = compact.Length > 0 && compact.Length % 2 == 0 && compact.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(compact)
            : MimeBodies.FromBase64(compact);
        return octets is null ? null : [new FoundMessage(octets)];
    }

    private static bool IsBeginning(byte[] octets) => octets is [0x01, 0x1A, ..];

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot read {path}", exception)
            {
                Hint = "name a file with a message, or - for standard input",
            };
        }
    }

    private static byte[] ReadAll(Stream stream, string source)
    {
        using (stream)
        {
            using MemoryStream content = new();
            byte[] buffer = new byte[65_536];
            for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            {
                content.Write(buffer, 0, read);
                if (content.Length > CaptureFile.MaximumSizeInBytes)
                {
                    throw Malformed(source, "it is far longer than any message or capture that is read");
                }
            }

            return content.ToArray();
        }
    }

    private static CliException Malformed(string source, string cause) =>
        new(ExitCode.Malformed, $"no MIKEY message in {source}") { Cause = cause, Clause = "RFC 3830 §6, TS 33.180 E.1" };
}

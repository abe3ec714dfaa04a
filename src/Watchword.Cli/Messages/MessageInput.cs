using System.Buffers.Text;
using System.Text;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>
/// Reads a MIKEY message from a file or standard input in any of the forms in which it travels: raw octets, hexadecimal, base64,
/// or
/// base64 behind <c>a=key-mgmt:mikey </c> or <c>mikey </c> as SDP has it (RFC 4567 §3).
/// </summary>
internal static class MessageInput
{
    // Hexadecimal doubles the longest message; the rest is for line ends and an SDP prefix.
    private const int MaxOctets = (2 * MikeyMessage.MaximumSizeInBytes) + 16_384;

    private static readonly string[] Prefixes = ["a=key-mgmt:mikey ", "mikey "];

    /// <summary>
    /// Reads the octets of the message; <paramref name="path"/> is a file, or <c>-</c> or null for standard input.
    /// </summary>
    public static byte[] Read(IConsoleIo io, string? path)
    {
        bool standardInput = path is null or "-";
        if (standardInput && io.CanPrompt)
        {
            throw new CliException(ExitCode.Usage, "no message was given") { Hint = "name a file, or pipe the message in" };
        }

        string source = standardInput ? "standard input" : path!;
        byte[] content = ReadAll(standardInput ? io.OpenInput() : Open(path!), source);
        return content.Length == 0 ? throw Malformed(source, "it is empty") : Decode(content, source);
    }

    private static byte[] Decode(byte[] content, string source)
    {
        // A message begins with version 1 and data type 26: no text begins so.
        if (content[0] == 0x01)
        {
            return content;
        }

        string text = Compact(content);
        foreach (string prefix in Prefixes)
        {
            if (Encoding.Latin1.GetString(content).TrimStart().StartsWith(prefix, StringComparison.Ordinal))
            {
                text = text[prefix.TrimEnd().Replace(" ", string.Empty, StringComparison.Ordinal).Length..];
                break;
            }
        }

        // In base64 every message begins with "ARo": what has hexadecimal digits only is hexadecimal.
        if (text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        return Base64.IsValid(text) && text.Length > 0
            ? Convert.FromBase64String(text)
            : throw Malformed(source, "it is neither raw octets nor hexadecimal nor base64");
    }

    private static string Compact(byte[] content) =>
        string.Concat(Encoding.Latin1.GetString(content).Where(c => c is not (' ' or '\t' or '\r' or '\n')));

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
            byte[] buffer = new byte[MaxOctets + 1];
            int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > MaxOctets ? throw Malformed(source, "it is far longer than any message") : buffer[..length];
        }
    }

    private static CliException Malformed(string source, string cause) =>
        new(ExitCode.Malformed, $"no MIKEY message in {source}") { Cause = cause, Clause = "RFC 3830 §6, TS 33.180 E.1" };
}

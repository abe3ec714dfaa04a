using System.Security.Cryptography;

namespace Watchword.Kms.Server.Commands;

/// <summary>
/// Shares that people type or pipe into the standard input, one after the other. What is wrong with a share is told on standard
/// error, and that share can be given again; how many are missing is told after each.
/// </summary>
internal sealed class StandardInputShares(ShareKind kind) : IUnlockSource
{
    public async Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default)
    {
        await using Stream input = Console.OpenStandardInput();
        return await ReadAsync(input, Console.Error, cancellationToken);
    }

    /// <summary>Reads shares until they give the secret.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SharesMissing"/> at the end of the input.</exception>
    internal async Task<CustodySecret> ReadAsync(Stream input, TextWriter prompt, CancellationToken cancellationToken)
    {
        using UnsealSession session = new(kind, TimeProvider.System);
        byte[] text = GC.AllocateArray<byte>(ShareText.MaxOctets, pinned: true);
        byte[] octet = GC.AllocateArray<byte>(1, pinned: true);
        try
        {
            await prompt.WriteLineAsync("sealed: give the shares, one after the other");
            while (!session.Status.IsUnsealed)
            {
                int length = await ReadShareAsync(input, text, octet, cancellationToken);
                await prompt.WriteLineAsync(Add(session, text.AsSpan(0, length)));
            }

            return await session.OpenAsync(cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(octet);
        }
    }

    private static string Add(UnsealSession session, ReadOnlySpan<byte> text)
    {
        try
        {
            UnsealStatus status = session.Add(ShareText.Parse(text), "standard input");
            return status.IsUnsealed
                ? "unsealed"
                : $"{status.Missing} of {status.Threshold} shares of set {status.SetId} missing";
        }
        catch (KmsException fault)
        {
            return fault.Message;
        }
    }

    // A share has a fixed number of lines that count; an empty line ends one early, so that a slip can be mended.
    private static async Task<int> ReadShareAsync(
        Stream input, byte[] text, byte[] octet, CancellationToken cancellationToken)
    {
        int length = 0;
        int lines = 0;
        int begin = 0;
        while (lines < ShareText.LineCount && length < text.Length)
        {
            if (await input.ReadAsync(octet, cancellationToken) == 0)
            {
                return lines > 0 ? length : throw new KmsException(KmsError.SharesMissing, "the standard input ended");
            }

            text[length++] = octet[0];
            if (octet[0] != (byte)'\n')
            {
                continue;
            }

            ReadOnlySpan<byte> line = text.AsSpan(begin, length - begin).Trim(" \t\r\n"u8);
            if (line.IsEmpty && lines > 0)
            {
                return length;
            }

            lines += line.IsEmpty || line[0] == '#' ? 0 : 1;
            begin = length;
        }

        return length;
    }
}

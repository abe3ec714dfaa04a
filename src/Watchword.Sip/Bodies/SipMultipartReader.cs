using System.Text;
using MimeKit;

namespace Watchword.Sip;

/// <summary>Takes a multipart apart with MimeKit, within bounds.</summary>
internal static class SipMultipartReader
{
    public static List<SipBodyPart> Read(SipMediaType type, ReadOnlyMemory<byte> body, SipLimits limits)
    {
        if (type.Parameters["boundary"] is not { Length: > 0 and <= 70 })
        {
            throw new SipFormatException(SipFormatFault.Body, 0);
        }

        List<SipBodyPart> parts = [];
        Take(Parse(type, body, limits), limits, 1, parts);
        return parts.Count > 0 ? parts : throw new SipFormatException(SipFormatFault.Body, 0);
    }

    private static MimeEntity Parse(SipMediaType type, ReadOnlyMemory<byte> body, SipLimits limits)
    {
        byte[] head = Encoding.UTF8.GetBytes($"Content-Type: {type}\r\n\r\n");
        byte[] whole = [.. head, .. body.Span];
        ParserOptions options = ParserOptions.Default.Clone();
        options.MaxMimeDepth = limits.MaxDepth + 1;
        try
        {
            using MemoryStream stream = new(whole, writable: false);
            return new MimeParser(options, stream, MimeFormat.Entity, persistent: false).ParseEntity();
        }
        catch (FormatException)
        {
            throw new SipFormatException(SipFormatFault.Body, 0);
        }
    }

    private static void Take(MimeEntity entity, SipLimits limits, int depth, List<SipBodyPart> parts)
    {
        using (entity)
        {
            switch (entity)
            {
                case Multipart multipart:
                    if (depth > limits.MaxDepth || multipart.Count == 0 || multipart.Any(e => e is MessagePart))
                    {
                        throw new SipFormatException(SipFormatFault.Body, 0);
                    }

                    foreach (MimeEntity child in multipart)
                    {
                        Take(child, limits, depth + 1, parts);
                    }

                    break;
                case MimePart part when part.Content is not null && depth > 1:
                    if (parts.Count == limits.MaxParts)
                    {
                        throw new SipFormatException(SipFormatFault.Body, 0);
                    }

                    parts.Add(Read(part));
                    break;
                default:
                    throw new SipFormatException(SipFormatFault.Body, 0);
            }
        }
    }

    private static SipBodyPart Read(MimePart part)
    {
        // The type as the sender wrote it: MimeKit's own would add and reorder parameters.
        string written = part.Headers[HeaderId.ContentType] ?? "text/plain";
        SipMediaType type = SipMediaType.Parse(Unfold(written));
        using MemoryStream stream = new();
        part.Content!.DecodeTo(stream);
        return new(type, SipBody.Bare(part.Headers[HeaderId.ContentId]?.Trim()), stream.ToArray());
    }

    private static string Unfold(string text) => text.ReplaceLineEndings(" ").Trim();
}

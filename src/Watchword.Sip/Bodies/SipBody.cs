using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Watchword.Sip;

/// <summary>Bodies of messages: one part, or several in <c>multipart/mixed</c> (RFC 3261 §7.4, RFC 5621, RFC 2046).</summary>
public static class SipBody
{
    private const int BoundaryOctets = 12;
    private const string Multipart = "multipart";

    /// <summary>
    /// The parts of a message's body in their order, those of nested multiparts in their place. A body that is no multipart is
    /// one part; a message without a body has none.
    /// </summary>
    /// <exception cref="SipFormatException">
    /// The body has no type or is not what its type says, or is past the bounds for parts.
    /// </exception>
    public static IReadOnlyList<SipBodyPart> Read(SipMessage message, SipLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Body.IsEmpty)
        {
            return [];
        }

        SipMediaType? type = message.Headers.ContentType;
        if (type is null || message.Headers[SipHeaderNames.ContentEncoding] is not (null or "identity"))
        {
            throw new SipFormatException(SipFormatFault.Body, 0);
        }

        if (!string.Equals(type.Type, Multipart, StringComparison.OrdinalIgnoreCase))
        {
            return [new(type, Bare(message.Headers["Content-ID"]), message.Body)];
        }

        return SipMultipartReader.Read(type, message.Body, limits ?? SipLimits.Default);
    }

    /// <summary>Reads as <see cref="Read"/> does.</summary>
    /// <returns>False if the body is not what its type says.</returns>
    public static bool TryRead(SipMessage message, out IReadOnlyList<SipBodyPart> parts, SipLimits? limits = null)
    {
        try
        {
            parts = Read(message, limits);
            return true;
        }
        catch (SipFormatException)
        {
            parts = [];
            return false;
        }
    }

    /// <summary>
    /// Gives a message its body: none, one part as it is, or several as <c>multipart/mixed</c> in binary, which leaves every
    /// octet as it is.
    /// </summary>
    public static void Write(SipMessage message, params IReadOnlyList<SipBodyPart> parts)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(parts);
        message.Headers.Remove(SipHeaderNames.ContentType);
        message.Headers.Remove("Content-ID");
        message.Body = default;
        if (parts.Count == 1)
        {
            message.Headers.Add(SipHeaderNames.ContentType, parts[0].ContentType.ToString());
            if (parts[0].ContentId is string id)
            {
                message.Headers.Add("Content-ID", $"<{CheckedId(id)}>");
            }

            message.Body = parts[0].Content;
        }
        else if (parts.Count > 1)
        {
            string boundary = NewBoundary(parts);
            message.Headers.Add(SipHeaderNames.ContentType, $"multipart/mixed;boundary={boundary}");
            message.Body = Join(parts, boundary);
        }
    }

    internal static string? Bare(string? contentId) =>
        contentId is ['<', .. string inner, '>'] ? inner : contentId;

    private static string NewBoundary(IReadOnlyList<SipBodyPart> parts)
    {
        while (true)
        {
            string boundary = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(BoundaryOctets));
            byte[] octets = Encoding.ASCII.GetBytes(boundary);
            if (!parts.Any(p => p.Content.Span.IndexOf(octets) >= 0))
            {
                return boundary;
            }
        }
    }

    private static ReadOnlyMemory<byte> Join(IReadOnlyList<SipBodyPart> parts, string boundary)
    {
        ArrayBufferWriter<byte> writer = new();
        foreach (SipBodyPart part in parts)
        {
            Text(writer, $"--{boundary}\r\nContent-Type: {part.ContentType}\r\n");
            if (part.ContentId is string id)
            {
                Text(writer, $"Content-ID: <{CheckedId(id)}>\r\n");
            }

            Text(writer, "Content-Transfer-Encoding: binary\r\n\r\n");
            writer.Write(part.Content.Span);
            Text(writer, "\r\n");
        }

        Text(writer, $"--{boundary}--\r\n");
        return writer.WrittenMemory;
    }

    private static string CheckedId(string id) =>
        id.Length > 0 && id.All(c => c is > ' ' and < '\x7f' and not ('<' or '>'))
            ? id
            : throw new ArgumentException("A Content-ID is printable ASCII without angle brackets.");

    private static void Text(ArrayBufferWriter<byte> writer, string text) => Encoding.UTF8.GetBytes(text, writer);
}

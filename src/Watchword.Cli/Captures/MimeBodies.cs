using System.Buffers.Text;
using System.Text;

namespace Watchword.Cli.Captures;

/// <summary>
/// Finds MIKEY messages in the body of a SIP message: <c>application/mikey</c>, binary or base64, and the attribute
/// <c>key-mgmt:mikey</c> of SDP (RFC 4567 §3), also within multipart bodies (RFC 2046 §5.1).
/// </summary>
internal static class MimeBodies
{
    private const int MaximumDepth = 4;
    private const int MaximumParts = 64;

    /// <summary>The octets of the messages with a word on where each was.</summary>
    public static IEnumerable<(byte[] Octets, string Place)> Find(SipEntity entity) => Find(entity, depth: 0);

    /// <summary>The messages in the key-mgmt attributes of a session description.</summary>
    public static IEnumerable<byte[]> FindInSdp(string text)
    {
        const string Attribute = "a=key-mgmt:";
        foreach (string line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith(Attribute, StringComparison.OrdinalIgnoreCase)
                && line[Attribute.Length..].Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                    is [string protocol, string data]
                && protocol.Equals("mikey", StringComparison.OrdinalIgnoreCase)
                && FromBase64(data) is { } octets)
            {
                yield return octets;
            }
        }
    }

    /// <summary>The octets of base64 with white space; null if it is none or empty.</summary>
    public static byte[]? FromBase64(string text)
    {
        string compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        return compact.Length > 0 && Base64.IsValid(compact) ? Convert.FromBase64String(compact) : null;
    }

    private static IEnumerable<(byte[] Octets, string Place)> Find(SipEntity entity, int depth)
    {
        string type = entity.ContentType.Split(';')[0].Trim();
        if (type.Equals("application/mikey", StringComparison.OrdinalIgnoreCase) && entity.Body.Length > 0)
        {
            yield return (Mikey(entity), "application/mikey body");
        }
        else if (type.Equals("application/sdp", StringComparison.OrdinalIgnoreCase))
        {
            foreach (byte[] octets in FindInSdp(Encoding.UTF8.GetString(entity.Body.Span)))
            {
                yield return (octets, "key-mgmt attribute of SDP");
            }
        }
        else if (type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) && depth < MaximumDepth)
        {
            foreach (SipEntity part in Parts(entity))
            {
                foreach ((byte[] Octets, string Place) found in Find(part, depth + 1))
                {
                    yield return found;
                }
            }
        }
    }

    private static byte[] Mikey(SipEntity entity)
    {
        bool declared = entity.Encoding.Equals("base64", StringComparison.OrdinalIgnoreCase);
        // A message begins with version 1, which no text does: base64 without being declared is still what it is.
        return declared || entity.Body.Span[0] != 1
            ? FromBase64(Encoding.Latin1.GetString(entity.Body.Span)) ?? entity.Body.ToArray()
            : entity.Body.ToArray();
    }

    private static IEnumerable<SipEntity> Parts(SipEntity entity)
    {
        if (Boundary(entity.ContentType) is not { } boundary)
        {
            yield break;
        }

        byte[] delimiter = Encoding.Latin1.GetBytes("\r\n--" + boundary);
        ReadOnlyMemory<byte> rest = entity.Body;
        // The first delimiter may stand at the very beginning.
        if (!rest.Span.StartsWith(delimiter.AsSpan(2)))
        {
            int first = rest.Span.IndexOf(delimiter);
            if (first < 0)
            {
                yield break;
            }

            rest = rest[(first + 2)..];
        }

        for (int count = 0; count < MaximumParts; count++)
        {
            rest = rest[(delimiter.Length - 2)..];
            int line = rest.Span.IndexOf("\r\n"u8);
            if (rest.Span.StartsWith("--"u8) || line < 0)
            {
                yield break;
            }

            // The line end stays, so that a part without headers still has its empty line.
            rest = rest[line..];
            int end = rest.Span.IndexOf(delimiter);
            if (SipBuffer.Part(end < 0 ? rest : rest[..end]) is { } part)
            {
                yield return part;
            }

            if (end < 0)
            {
                yield break;
            }

            rest = rest[(end + 2)..];
        }
    }

    private static string? Boundary(string contentType)
    {
        foreach (string parameter in contentType.Split(';').Skip(1))
        {
            string[] pair = parameter.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length == 2 && pair[0].Equals("boundary", StringComparison.OrdinalIgnoreCase))
            {
                string value = pair[1].Trim('"');
                return value.Length is > 0 and <= 70 ? value : null;
            }
        }

        return null;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Watchword.Sip;

/// <summary>Writes messages in their canonical form (RFC 3261 §7).</summary>
internal static class SipMessageWriter
{
    public static void Write(SipMessage message, IBufferWriter<byte> writer)
    {
        Text(writer, message.StartLine());
        writer.Write("\r\n"u8);
        foreach (SipHeader field in message.Headers)
        {
            Text(writer, field.Name);
            writer.Write(": "u8);
            Text(writer, field.Value);
            writer.Write("\r\n"u8);
        }

        Text(writer, SipHeaderNames.ContentLength);
        writer.Write(": "u8);
        Text(writer, message.Body.Length.ToString(CultureInfo.InvariantCulture));
        writer.Write("\r\n\r\n"u8);
        writer.Write(message.Body.Span);
    }

    private static void Text(IBufferWriter<byte> writer, string text) => Encoding.UTF8.GetBytes(text, writer);
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>A request or a response (RFC 3261 §7).</summary>
public abstract class SipMessage
{
    private ReadOnlyMemory<byte> _body;

    private protected SipMessage(SipHeaders headers) => Headers = headers;

    /// <summary>The header fields.</summary>
    public SipHeaders Headers { get; }

    /// <summary>The body; Content-Length follows from it. The octets are not copied.</summary>
    public ReadOnlyMemory<byte> Body
    {
        get => _body;
        set => _body = value;
    }

    /// <summary>Reads octets that are one whole message. Without Content-Length the body goes on to the end.</summary>
    /// <param name="octets">The message; its body is copied.</param>
    /// <param name="limits">The bounds; null for <see cref="SipLimits.Default"/>.</param>
    /// <exception cref="SipFormatException">The octets are no message of SIP/2.0, or out of bounds.</exception>
    public static SipMessage Parse(ReadOnlySpan<byte> octets, SipLimits? limits = null)
    {
        SipReading reading = SipMessageReader.Read(octets, limits ?? SipLimits.Default, SipFraming.Exact);
        if (reading.Fault != SipFormatFault.None)
        {
            SipFormatException.Throw(reading.Fault, reading.Offset);
        }

        return reading.Message!;
    }

    /// <summary>Reads octets that are one whole message.</summary>
    /// <returns>False if they are none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SipMessage? message, SipLimits? limits = null)
    {
        SipReading reading = SipMessageReader.Read(octets, limits ?? SipLimits.Default, SipFraming.Exact);
        message = reading.Fault == SipFormatFault.None ? reading.Message : null;
        return message is not null;
    }

    /// <summary>Writes the message in its canonical form: names spelt out, nothing folded, Content-Length last.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        SipMessageWriter.Write(this, writer);
    }

    /// <summary>The octets of the message in its canonical form.</summary>
    public byte[] ToArray()
    {
        ArrayBufferWriter<byte> writer = new(1024 + Body.Length);
        WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The name of the type: content is not for logs.</summary>
    public override string ToString() => GetType().Name;

    internal abstract string StartLine();
}

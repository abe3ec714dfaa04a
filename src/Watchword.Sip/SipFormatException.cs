using System.Diagnostics.CodeAnalysis;

namespace Watchword.Sip;

/// <summary>The one exception of the SIP format. It holds a place and a fault, never content.</summary>
public sealed class SipFormatException : Exception
{
    internal SipFormatException(SipFormatFault fault, int offset)
        : base($"Malformed SIP: {fault} at offset {offset}.")
    {
        Fault = fault;
        Offset = offset;
    }

    /// <summary>What is wrong.</summary>
    public SipFormatFault Fault { get; }

    /// <summary>The offset of the element at fault: in octets for a message, in characters for a text.</summary>
    public int Offset { get; }

    [DoesNotReturn]
    internal static void Throw(SipFormatFault fault, int offset) => throw new SipFormatException(fault, offset);
}

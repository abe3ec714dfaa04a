using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>The one exception of the MIKEY codec: octets that are not an I_MESSAGE, or not key parameters. It holds a place and a reason, never content.</summary>
public sealed class MikeyFormatException : Exception
{
    internal MikeyFormatException(MikeyFormatReason reason, int offset)
        : base($"Malformed MIKEY: {reason} at octet {offset}.")
    {
        Reason = reason;
        Offset = offset;
    }

    /// <summary>What is wrong.</summary>
    public MikeyFormatReason Reason { get; }

    /// <summary>The offset, from the first octet of what was read, of the field at fault.</summary>
    public int Offset { get; }

    [DoesNotReturn]
    internal static void Throw(MikeyFormatReason reason, int offset) => throw new MikeyFormatException(reason, offset);
}

using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>The one exception of the MIKEY codec: octets that are not an I_MESSAGE. It holds a place and a reason, never content.</summary>
public sealed class MikeyFormatException : Exception
{
    internal MikeyFormatException(MikeyFormatReason reason, int offset)
        : base($"Not a MIKEY-SAKKE I_MESSAGE: {reason} at octet {offset}.")
    {
        Reason = reason;
        Offset = offset;
    }

    /// <summary>What is wrong.</summary>
    public MikeyFormatReason Reason { get; }

    /// <summary>The offset, from the first octet of the message, of the field at fault.</summary>
    public int Offset { get; }

    [DoesNotReturn]
    internal static void Throw(MikeyFormatReason reason, int offset) => throw new MikeyFormatException(reason, offset);
}

using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>The outcome of <see cref="PckMessage.Open"/>.</summary>
public sealed class PckOpening
{
    internal PckOpening(PckOpenResult result, MikeyMessage? message = null, PrivateCallKey? key = null)
    {
        Result = result;
        Message = message;
        Key = key;
    }

    /// <summary>How it ended.</summary>
    public PckOpenResult Result { get; }

    /// <summary>Whether <see cref="Key"/> is there.</summary>
    [MemberNotNullWhen(true, nameof(Key), nameof(Message))]
    public bool IsOpened => Result == PckOpenResult.Opened;

    /// <summary>The key, which the caller disposes; null unless opened.</summary>
    public PrivateCallKey? Key { get; }

    /// <summary>The message if it was well formed. Unless opened, nothing in it is to be believed.</summary>
    public MikeyMessage? Message { get; }

    /// <summary>Why the octets are not an I_MESSAGE; <see cref="MikeyFormatReason.None"/> unless malformed.</summary>
    public MikeyFormatReason FormatReason { get; internal init; }

    /// <summary>The offset of the field at fault, if malformed.</summary>
    public int FormatOffset { get; internal init; }

    /// <summary>The departures of the peer that were needed to accept the message, to be counted by the caller.</summary>
    public MikeyTolerances TolerancesUsed { get; internal init; }
}

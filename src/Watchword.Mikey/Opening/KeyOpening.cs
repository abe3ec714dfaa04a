using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>The outcome of <see cref="KeyMessage.Open"/>.</summary>
public sealed class KeyOpening
{
    internal KeyOpening(KeyOpenResult result, MikeyMessage? message = null, KeyClaims? claims = null)
    {
        Result = result;
        Message = message;
        Claims = claims;
    }

    /// <summary>How it ended.</summary>
    public KeyOpenResult Result { get; }

    /// <summary>Whether <see cref="Key"/> is there.</summary>
    [MemberNotNullWhen(true, nameof(Key), nameof(Message), nameof(Claims), nameof(Initiator), nameof(Receiver))]
    public bool IsOpened => Result == KeyOpenResult.Opened;

    /// <summary>
    /// The key, which the caller disposes; null unless opened. It may be revoked or not yet active: see <see
    /// cref="Parameters"/>.
    /// </summary>
    public MikeyKey? Key { get; internal init; }

    /// <summary>The message if it was well formed. Unless opened, nothing in it is to be believed.</summary>
    public MikeyMessage? Message { get; }

    /// <summary>
    /// What the message says of itself, once addressee, purpose and time have been read. Unless opened, a claim.
    /// </summary>
    public KeyClaims? Claims { get; }

    /// <summary>
    /// Who made the key and signed; null unless opened. Where the message hides him, <see cref="MikeyParty.Uri"/> is null until
    /// <see cref="ConfirmInitiator"/>.
    /// </summary>
    public MikeyParty? Initiator { get; private set; }

    /// <summary>Whom the key was made for; null unless opened.</summary>
    public MikeyParty? Receiver { get; internal init; }

    /// <summary>The parameters of the key (TS 33.180 5.2.4); null if the message carries none.</summary>
    public KeyParameters? Parameters { get; internal init; }

    /// <summary>Why the octets are not an I_MESSAGE; <see cref="MikeyFormatReason.None"/> unless malformed.</summary>
    public MikeyFormatReason FormatReason { get; internal init; }

    /// <summary>The offset of the field at fault, if malformed.</summary>
    public int FormatOffset { get; internal init; }

    /// <summary>The departures of the peer that were needed to accept the message, to be counted by the caller.</summary>
    public MikeyTolerances TolerancesUsed { get; internal init; }

    internal MikeyParty? VerifiedInitiator
    {
        init => Initiator = value;
    }

    /// <summary>
    /// The last step where the initiator was hidden (TS 33.180 5.2.6): his URI has come under the protection of the key, and its
    /// UID is the one that signed. Where he was not hidden, the URI must be that of the message.
    /// </summary>
    /// <param name="uri">The URI.</param>
    /// <param name="uid">The UID of that URI for the same domain and key period, which the caller computes (F.2.1).</param>
    /// <returns>False if it is somebody else: the key is not to be used.</returns>
    /// <exception cref="InvalidOperationException">The message was not opened.</exception>
    public bool ConfirmInitiator(string uri, ReadOnlySpan<byte> uid)
    {
        if (!IsOpened)
        {
            throw new InvalidOperationException("The message was not opened.");
        }

        bool same = uid.SequenceEqual(Initiator.Uid.Span) && string.Equals(Initiator.Uri ?? uri, uri, StringComparison.Ordinal);
        if (same)
        {
            Initiator = Initiator with { Uri = uri };
        }

        return same;
    }
}

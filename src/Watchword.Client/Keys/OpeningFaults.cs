using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>What the outcomes of the MIKEY library are to a client.</summary>
internal static class OpeningFaults
{
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.MessageMalformed"/>.</exception>
    public static MikeyMessage Parse(ReadOnlySpan<byte> octets, MikeyTolerances tolerances)
    {
        try
        {
            return MikeyMessage.Parse(octets, tolerances);
        }
        catch (MikeyFormatException e)
        {
            throw new WatchwordClientException(ClientFault.MessageMalformed, $"{e.Reason} at octet {e.Offset}", inner: e);
        }
    }

    public static WatchwordClientException Of(KeyOpening opening) => opening.Result switch
    {
        KeyOpenResult.Malformed => Fault(ClientFault.MessageMalformed, $"{opening.FormatReason} at octet {opening.FormatOffset}"),
        KeyOpenResult.UnsupportedTimestamp or KeyOpenResult.UnsupportedMap or KeyOpenResult.UnsupportedPolicy
            or KeyOpenResult.IdentifierMismatch or KeyOpenResult.ParametersNotValid =>
            Fault(ClientFault.MessageMalformed, opening.Result.ToString()),
        KeyOpenResult.IdentitiesHidden or KeyOpenResult.NotForThisReceiver => Fault(ClientFault.MessageNotForUs),
        KeyOpenResult.WrongPurpose => Fault(ClientFault.PurposeMismatch),
        KeyOpenResult.Stale or KeyOpenResult.FromTheFuture => Fault(ClientFault.MessageNotFresh),
        KeyOpenResult.DomainNotAllowed or KeyOpenResult.DomainUnknown or KeyOpenResult.InitiatorKeyUnavailable =>
            Fault(ClientFault.DomainUnknown),
        KeyOpenResult.DomainNotValid or KeyOpenResult.DomainRevoked =>
            Fault(ClientFault.KmsCertificateUnusable, opening.Claims?.InitiatorKmsUri),
        KeyOpenResult.InitiatorNotAllowed => Fault(ClientFault.InitiatorNotAllowed, opening.Claims?.Distribution.Name),
        KeyOpenResult.Replayed or KeyOpenResult.ReplayCacheFull => Fault(ClientFault.MessageReplayed),
        KeyOpenResult.ReceiverKeyUnavailable => Fault(ClientFault.NoUsableKeySet, "of the key period of the message"),
        _ => Fault(ClientFault.MessageNotAuthentic),
    };

    private static WatchwordClientException Fault(ClientFault fault, string? detail = null) => new(fault, detail);
}

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
        KeyOpenResult.Malformed => new WatchwordClientException(ClientFault.MessageMalformed, $"{opening.FormatReason} at octet {opening.FormatOffset}"),
        KeyOpenResult.UnsupportedTimestamp or KeyOpenResult.UnsupportedMap or KeyOpenResult.UnsupportedPolicy
            or KeyOpenResult.IdentifierMismatch or KeyOpenResult.ParametersNotValid =>
            new WatchwordClientException(ClientFault.MessageMalformed, opening.Result.ToString()),
        KeyOpenResult.IdentitiesHidden or KeyOpenResult.NotForThisReceiver => new WatchwordClientException(ClientFault.MessageNotForUs),
        KeyOpenResult.WrongPurpose => new WatchwordClientException(ClientFault.PurposeMismatch),
        KeyOpenResult.Stale or KeyOpenResult.FromTheFuture => new WatchwordClientException(ClientFault.MessageNotFresh),
        KeyOpenResult.DomainNotAllowed or KeyOpenResult.DomainUnknown or KeyOpenResult.InitiatorKeyUnavailable =>
            new WatchwordClientException(ClientFault.DomainUnknown),
        KeyOpenResult.DomainNotValid or KeyOpenResult.DomainRevoked =>
            new WatchwordClientException(ClientFault.KmsCertificateUnusable, opening.Claims?.InitiatorKmsUri),
        KeyOpenResult.InitiatorNotAllowed => new WatchwordClientException(ClientFault.InitiatorNotAllowed, opening.Claims?.Distribution.Name),
        KeyOpenResult.Replayed or KeyOpenResult.ReplayCacheFull => new WatchwordClientException(ClientFault.MessageReplayed),
        KeyOpenResult.ReceiverKeyUnavailable => new WatchwordClientException(ClientFault.NoUsableKeySet, "of the key period of the message"),
        _ => new WatchwordClientException(ClientFault.MessageNotAuthentic),
    };
}

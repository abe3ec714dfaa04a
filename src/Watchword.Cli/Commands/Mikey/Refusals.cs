using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>Why a message did not open, as the client library numbers it.</summary>
internal static class Refusals
{
    /// <summary>The fault of an opening.</summary>
    public static WatchwordClientException Of(KeyOpening opening) => opening.Result switch
    {
        KeyOpenResult.Malformed => new WatchwordClientException(
            ClientFault.MessageMalformed, $"{opening.FormatReason} at octet {Printable.Number(opening.FormatOffset)}"),
        KeyOpenResult.UnsupportedTimestamp or KeyOpenResult.UnsupportedMap or KeyOpenResult.UnsupportedPolicy
            or KeyOpenResult.IdentifierMismatch or KeyOpenResult.ParametersNotValid =>
            new WatchwordClientException(ClientFault.MessageMalformed, opening.Result.ToString()),
        KeyOpenResult.IdentitiesHidden or KeyOpenResult.NotForThisReceiver =>
            new WatchwordClientException(ClientFault.MessageNotForUs),
        KeyOpenResult.WrongPurpose => new WatchwordClientException(ClientFault.PurposeMismatch),
        KeyOpenResult.Stale or KeyOpenResult.FromTheFuture => new WatchwordClientException(ClientFault.MessageNotFresh),
        KeyOpenResult.DomainNotAllowed or KeyOpenResult.DomainUnknown or KeyOpenResult.InitiatorKeyUnavailable =>
            new WatchwordClientException(ClientFault.DomainUnknown),
        KeyOpenResult.DomainNotValid or KeyOpenResult.DomainRevoked =>
            new WatchwordClientException(ClientFault.KmsCertificateUnusable, opening.Claims?.InitiatorKmsUri),
        KeyOpenResult.Replayed or KeyOpenResult.ReplayCacheFull => new WatchwordClientException(ClientFault.MessageReplayed),
        KeyOpenResult.ReceiverKeyUnavailable => new WatchwordClientException(
            ClientFault.NoUsableKeySet, "of the key period of the message"),
        _ => new WatchwordClientException(ClientFault.MessageNotAuthentic),
    };
}

namespace Watchword.Client;

/// <summary>What a fault means to a person: the cause, the clause, the next step.</summary>
public sealed record ClientFaultDescription(string Message, string Clause, string NextStep);

/// <summary>The one table from faults to words.</summary>
public static class ClientFaults
{
    private static readonly Dictionary<ClientFault, ClientFaultDescription> Table = new()
    {
        [ClientFault.UrlNotHttps] = new("only https URLs are used", "TS 33.180 D.1", "give the server's https URL"),
        [ClientFault.CaFileUnusable] = new("the CA file cannot be used", "TS 33.180 6.1", "give a PEM file that holds the CA's certificate"),
        [ClientFault.TlsNotTrusted] = new("the server's certificate is not trusted", "TS 33.180 6.1", "give the CA of this server with --ca, and use the host name that its certificate holds"),
        [ClientFault.ServerUnreachable] = new("the server did not answer", "TS 33.180 6.1", "check the URL and that the server runs, then try again"),
        [ClientFault.RedirectRefused] = new("the server sent a redirect, which is not followed here", "TS 33.180 D.2.1", "give the URL that the server really answers at"),
        [ClientFault.AnswerTooLarge] = new("the answer is longer than the client reads", "TS 33.180 D.3.1", "report it to the operator of the server with the correlation id"),

        [ClientFault.MetadataUnusable] = new("the IdM server's metadata cannot be used", "OpenID Connect Discovery §4", "check the issuer URL"),
        [ClientFault.IssuerMismatch] = new("the answer names another issuer than the one pinned", "OpenID Connect Discovery §4.3, RFC 9207 §2.4", "give the issuer exactly as the IdM server names itself; if it did so before, do not log in and tell the operator"),
        [ClientFault.SigningKeysUnusable] = new("the IdM server's signing keys cannot be used", "RFC 7517 §5", "report it to the operator of the IdM server"),
        [ClientFault.AuthorizationRefused] = new("the IdM server refused the log-in request", "RFC 6749 §4.1.2.1", "check client id, redirect URI and scopes with the operator of the IdM server"),
        [ClientFault.StateMismatch] = new("the answer to the log-in is not the answer to this request and was dropped", "TS 33.180 B.4.2.3", "log in again; if it happens again, something is injecting answers"),
        [ClientFault.AuthorizationResponseMalformed] = new("the answer to the log-in is malformed", "RFC 6749 §4.1.2", "log in again; report it to the operator of the IdM server if it stays"),
        [ClientFault.LogInTimedOut] = new("the log-in was not finished in time", "RFC 8252 §7.3", "log in again and finish in the browser"),
        [ClientFault.BrowserUnavailable] = new("no browser could be started", "RFC 8252 §6", "open the printed address in a browser on this machine, or log in with --password-stdin"),
        [ClientFault.LogInFormNotFound] = new("the log-in page holds no user name and password form", "TS 33.180 B.4.2.2", "log in with the system browser"),
        [ClientFault.LogInLeftOrigin] = new("the log-in page points away from the IdM server; nothing was sent there", "RFC 6749 §10.11", "log in with the system browser, or tell the operator"),
        [ClientFault.CredentialsRefused] = new("the user name or password was not accepted", "TS 33.180 5.1.2", "check both; after repeated failures the account is locked for a while"),
        [ClientFault.TokenRequestRefused] = new("the token endpoint refused the request", "RFC 6749 §5.2", "log in again"),
        [ClientFault.TokenResponseMalformed] = new("the token response misses what it must hold", "TS 33.180 B.4.2.5", "report it to the operator of the IdM server"),
        [ClientFault.IdTokenInvalid] = new("the ID token is not valid; nothing of this log-in was kept", "TS 33.180 B.11.1, OpenID Connect Core §3.1.3.7", "check the clock of this machine and the issuer; then report it to the operator of the IdM server"),
        [ClientFault.RefreshRefused] = new("the session has ended", "TS 33.180 B.5", "log in again"),
        [ClientFault.NotLoggedIn] = new("this profile is not logged in", "TS 33.180 5.1.2", "log in first"),
        [ClientFault.ScopeNotGranted] = new("the service was not granted to this user", "TS 33.180 B.4.2.2", "ask the administrator for the service, then log in again"),
        [ClientFault.ScopeTooWide] = new("the IdM server gave a wider token than was asked for; it was dropped", "RFC 6749 §6", "report it to the operator of the IdM server"),
        [ClientFault.EntityCredentialUnusable] = new("the credential of the network entity cannot be used", "RFC 7523 §3", "give a file of mode 0600 with a P-256 private key in PEM or JWK form"),
        [ClientFault.SecurityTokenRefused] = new("the home IdM server gives no security token for this partner", "TS 33.180 B.7.3", "check the address of the partner with the operator of the home IdM server, and that you have a service there"),
        [ClientFault.PartnerTokenRefused] = new("the partner's IdM server does not take the security token", "TS 33.180 B.7.5", "check the partner's issuer and address; if they are right, its operator knows why from the log"),

        [ClientFault.KmsRefused] = new("the KMS refused the request", "TS 33.180 D.3.1", "read the KMS's own words; give the correlation id to its operator"),
        [ClientFault.KmsUnauthorized] = new("the KMS did not accept the access token", "RFC 6750 §3.1", "log in again; check that the KMS trusts this IdM server"),
        [ClientFault.KmsForbidden] = new("the KMS does not give this key to this user", "TS 33.180 5.3.3", "ask for an identity of your own and for a period that is open; ask the administrator for the key management scope"),
        [ClientFault.KmsFailed] = new("the KMS failed", "TS 33.180 D.3.1", "give the correlation id to the operator of the KMS; the keys in the store stay usable"),
        [ClientFault.KmsBusy] = new("the KMS is busy", "RFC 9110 §10.2.3", "try again later; the keys in the store stay usable"),
        [ClientFault.KmsAnswerMalformed] = new("the answer of the KMS cannot be read", "TS 33.180 D.3", "report it to the operator of the KMS with the correlation id"),
        [ClientFault.KmsAnswerUnexpected] = new("the answer of the KMS is not the answer to this request", "TS 33.180 D.3.1", "report it to the operator of the KMS with the correlation id"),
        [ClientFault.KmsUriMismatch] = new("another KMS answered than the one this profile belongs to", "TS 33.180 5.3.1", "check the KMS URL; use a new profile for another security domain"),
        [ClientFault.IdentityMismatch] = new("the KMS answered for an identity that is not the user's", "TS 33.180 5.3.3", "report it to the operator of the KMS; nothing was stored"),
        [ClientFault.UserIdMismatch] = new("a UID in the answer is not the one that its fields give", "TS 33.180 F.2.1", "report it to the operator of the KMS; nothing was stored"),
        [ClientFault.KeySetInvalid] = new("a key set failed its validation and was dropped", "RFC 6507 §5.1.2, RFC 6508 §6.1.2", "report it to the operator of the KMS; do not use keys from it"),
        [ClientFault.NotInitialized] = new("this profile holds no KMS certificate yet", "TS 33.180 D.2.3", "run the KMS initialisation first"),
        [ClientFault.KmsCertificateUnusable] = new("the KMS certificate cannot be used", "TS 33.180 D.3.2", "initialise again; if it stays, tell the operator of the KMS"),
        [ClientFault.NoKeySetReceived] = new("the KMS sent no key set", "TS 33.180 D.3.3", "check that the user has an MC service ID and its key management scope"),
        [ClientFault.IdentityNotOwned] = new("this identity is none of the user's", "TS 33.180 5.3.3", "ask for one of the identities that the ID token holds"),
        [ClientFault.AnswerNotSigned] = new("the answer of the KMS is not signed, although this profile holds keys of the security extension", "TS 33.180 D.1, D.3.1", "report it to the operator of the KMS: something between may have taken the signature away"),
        [ClientFault.AnswerSignatureUnknown] = new("the answer is signed with a key that this profile does not hold", "TS 33.180 D.3.1", "import the transport keys that the operator of the KMS handed out for this client"),
        [ClientFault.AnswerSignatureInvalid] = new("the signature of the answer does not hold; nothing of it was used", "TS 33.180 D.1, D.3.1", "report it to the operator of the KMS; import new transport keys if it stays"),
        [ClientFault.AnswerNotFresh] = new("the time of the signed answer is too far from this clock", "TS 33.180 D.3.1", "set the clock of this machine; if it is right, report it to the operator of the KMS"),
        [ClientFault.PlainKeyMaterial] = new("the KMS sent key material in the clear, although this profile holds a transport key; it was dropped", "TS 33.180 D.1, D.3", "report it to the operator of the KMS, who can revoke these keys"),
        [ClientFault.KeyMaterialNotUnwrapped] = new("the key material does not open with the transport key that it names", "TS 33.180 9.3.4.2, RFC 3394", "report it to the operator of the KMS; import new transport keys if it stays"),
        [ClientFault.TransportKeyMissing] = new("the key material is wrapped for a transport key that this profile does not hold", "TS 33.180 D.1", "import the transport keys that the operator of the KMS handed out for this client"),
        [ClientFault.NewTransportKeyRefused] = new("the KMS sent a new transport or integrity key that cannot be accepted; the old ones stay", "TS 33.180 D.3.1", "report it to the operator of the KMS"),
        [ClientFault.TransportKeysOfAnother] = new("the transport keys were made for another user", "TS 33.180 D.1", "import the document that was made for this user"),
        [ClientFault.PartnerUnknown] = new("the home KMS knows no such partner domain", "TS 33.180 D.2.6, 5.3.1", "ask the operator of the KMS for this partner"),
        [ClientFault.DomainNotFound] = new("the home KMS does not know which security domain this URI belongs to", "TS 33.180 D.2.7", "check the URI, or name the KMS URI of its domain"),

        [ClientFault.StoreNotFound] = new("there is no key store here", "TS 33.180 5.11", "log in first, which makes one, or name another profile"),
        [ClientFault.StoreExists] = new("there is a key store here already", "TS 33.180 5.11", "use it, or name another profile"),
        [ClientFault.StoreInUse] = new("another process uses the key store", "TS 33.180 5.11", "wait until it is done, then try again"),
        [ClientFault.StoreLocked] = new("the key store does not open with this passphrase or key file, or its head was changed", "TS 33.180 5.11", "check the passphrase; if it is right, restore the file from a copy or log in to a new profile"),
        [ClientFault.StoreCorrupt] = new("the key store is damaged; nothing of it was used", "TS 33.180 5.11", "restore the file from a copy, or log in to a new profile and fetch the keys again"),
        [ClientFault.StoreVersionUnknown] = new("the key store was written by a later version", "TS 33.180 5.11", "use that version"),
        [ClientFault.KeyFileUnusable] = new("the key file cannot be used", "TS 33.180 5.11", "give a file of exactly 32 random octets"),
        [ClientFault.KeyFileExposed] = new("the key file can be read by others", "TS 33.180 5.11", "chmod 600 the file, and think about replacing the key"),
        [ClientFault.StoreNotWritten] = new("the key store could not be written; the old one is as it was", "TS 33.180 5.11", "check disk space and permissions"),
        [ClientFault.ProfileMismatch] = new("this profile belongs to another user or server", "TS 33.180 5.3.1", "use another profile"),
        [ClientFault.KeySetNotFound] = new("there is no such key set in the store", "TS 33.180 5.3.3", "list the key sets, or fetch them from the KMS"),
        [ClientFault.EnrolmentDocumentUnusable] = new("this is no document with transport keys", "TS 33.180 D.1", "give the document as the operator of the KMS handed it over; a typed sheet once more, letter by letter"),
        [ClientFault.EnrolmentNotConfirmed] = new("the fingerprint words were not confirmed; nothing was imported", "TS 33.180 D.1", "compare the words with those that the operator of the KMS reads out"),
        [ClientFault.StoreRolledBack] = new("the key store is an older copy of itself", "TS 33.180 5.11", "find out who put it back; fetch keys and messages again in a new profile"),
        [ClientFault.ServiceKeyNotFound] = new("there is no such service key in the store", "TS 33.180 5.2.2", "list the service keys, or ask for the key to be sent again"),
        [ClientFault.ServiceKeyEnded] = new("the service key is revoked or has expired", "TS 33.180 5.2.4, E.6", "use the key that took its place, or ask for a new one"),
        [ClientFault.ServiceKeysFull] = new("the store holds as many service keys as it may", "TS 33.180 5.11", "forget keys that are not used any more; raise the bound in the options of the store"),

        [ClientFault.NoUsableKeySet] = new("there is no usable key set for this identity and time", "TS 33.180 5.3.3, F.2.1", "fetch key sets from the KMS"),
        [ClientFault.MessageMalformed] = new("this is no MIKEY message that the client reads", "RFC 3830 §6, TS 33.180 E.1", "ask the sender's operator; decode the message to see more"),
        [ClientFault.MessageNotForUs] = new("the message is for somebody else", "TS 33.180 5.2.2", "open it with the profile of the one it is for"),
        [ClientFault.MessageNotAuthentic] = new("the signature or the key in the message is not right", "RFC 6507 §5.2.2, RFC 6508 §6.2.2", "do not use the message; ask the sender for a new one, and fetch key sets again if it stays"),
        [ClientFault.MessageReplayed] = new("the message was opened before", "RFC 3830 §5.4", "ask the sender for a new one"),
        [ClientFault.MessageNotFresh] = new("the time of the message is too far from this clock", "RFC 3830 §5.4", "set the clock, or ask the sender for a new one"),
        [ClientFault.DomainUnknown] = new("the message names a security domain that this profile does not know", "TS 33.180 5.2.7", "initialise at the KMS of that domain"),
        [ClientFault.PurposeMismatch] = new("the message carries a key of another purpose", "TS 33.180 Annex G", "open it where that key is used"),
        [ClientFault.UriMalformed] = new("this is no MC service ID or entity URI", "TS 23.280 clause 8", "give it as sip:user@domain or tel:+number, exactly as provisioned"),
        [ClientFault.InitiatorNotAllowed] = new("the sender does not hand out keys of this purpose here", "TS 33.180 5.4 to 5.8", "tell the operator; if the sender is a server of yours, add its URI to the options"),
        [ClientFault.ServiceKeyConflict] = new("the sender gave another key under this identifier before", "TS 33.180 5.2.2", "tell the sender's operator: identifiers of keys are unique"),
    };

    /// <summary>Cause, clause and next step of <paramref name="fault"/>.</summary>
    public static ClientFaultDescription Describe(ClientFault fault) =>
        Table.TryGetValue(fault, out ClientFaultDescription? description)
            ? description
            : throw new ArgumentOutOfRangeException(nameof(fault));
}

namespace Watchword.Kms;

/// <summary>
/// Where the KMS keeps what it knows: the union of small interfaces by area. Every method that writes has the whole of it on the
/// disk when it returns, or nothing; its audit records are in the same transaction. Strings are compared octet by octet. Several
/// nodes may work on one store at the same time.
/// </summary>
public interface IKmsStore
    : IDomainStore, IAuditStore, IIssuanceStore, ISubjectStore, IReplayStore, ICertificateDeliveryStore, IPartnerStore,
        IMigrationStore, IRedirectStore, ITransportKeyStore, IPreparedKeyStore;

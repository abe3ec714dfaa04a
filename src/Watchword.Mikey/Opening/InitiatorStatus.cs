namespace Watchword.Mikey;

/// <summary>What is known of the initiator of a message and of his security domain.</summary>
public enum InitiatorStatus
{
    /// <summary>There are keys to verify with.</summary>
    Known = 0,

    /// <summary>No certificate of the KMS of IDRkmsi is known.</summary>
    DomainUnknown = 1,

    /// <summary>The KMS certificate is not valid at T.</summary>
    DomainNotValid = 2,

    /// <summary>The KMS certificate is revoked.</summary>
    DomainRevoked = 3,

    /// <summary>The initiator is not who may hand out this key, such as a user who is no group management server.</summary>
    NotAllowed = 4,
}

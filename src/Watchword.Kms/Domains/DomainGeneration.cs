using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>One generation of a security domain as this node has it: public facts, KMS certificate, and if keys may come from it,
/// its master secrets.</summary>
public sealed class DomainGeneration
{
    internal DomainGeneration(DomainRecord record, KmsCertificate certificate, OpenSecrets? secrets, KmsException? fault)
    {
        Record = record;
        Certificate = certificate;
        Secrets = secrets;
        Fault = fault;
    }

    /// <summary>The public facts.</summary>
    public DomainRecord Record { get; }

    /// <summary>Its number.</summary>
    public int Number => Record.Generation;

    /// <summary>Where it stands in its life.</summary>
    public GenerationState State => Record.State;

    /// <summary>The KMS certificate for the domain's own users.</summary>
    public KmsCertificate Certificate { get; }

    /// <summary>Why this node could not open its master secrets; null if it could, or need not.</summary>
    public KmsException? Fault { get; }

    /// <summary>Null unless it is prepared or active, and its secrets could be opened.</summary>
    internal OpenSecrets? Secrets { get; }

    /// <summary>True if its validity has the instant: from ValidFrom, before ValidTo.</summary>
    internal bool Covers(DateTimeOffset time) =>
        (Record.ValidFrom is not { } from || from <= time) && (Record.ValidTo is not { } to || time < to);
}

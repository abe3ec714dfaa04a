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

    /// <summary>True if a client that names this fingerprint holds the KMS certificate of this generation: as it is, or as it was
    /// before begin or end of its validity were known.</summary>
    public bool IsNamedBy(KmsCertificateFingerprint fingerprint)
    {
        DomainRecord[] forms =
        [
            Record, Record with { ValidTo = null }, Record with { ValidFrom = null, ValidTo = null },
        ];
        return forms.Any(form => form.ToCertificate().ComputeFingerprint().Equals(fingerprint));
    }

    /// <summary>Null unless it is prepared or active, and its secrets could be opened.</summary>
    internal OpenSecrets? Secrets { get; }
}

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The newest KMS certificate that a client holds.</summary>
internal sealed class CertificateDeliveryRow
{
    public required string KmsUri { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string ClientId { get; init; }

    public int Generation { get; set; }

    /// <summary>When the client was last seen, in milliseconds of Unix time.</summary>
    public long SeenAt { get; set; }
}

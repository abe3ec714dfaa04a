using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What is known of a stored key set without its keys.</summary>
public sealed class KeySetInfo : IEquatable<KeySetInfo>
{
    private readonly byte[] _certificate;

    internal KeySetInfo(string userUri, string kmsUri, KeyPeriod period, UserId userId, DateTimeOffset receivedAt, byte[] certificate, KeyWrapProfile? wrapping = null)
    {
        UserUri = userUri;
        KmsUri = kmsUri;
        Period = period;
        UserId = userId;
        ReceivedAt = receivedAt;
        _certificate = certificate;
        Wrapping = wrapping;
    }

    /// <summary>The identity keyed.</summary>
    public string UserUri { get; }

    /// <summary>The KMS that issued it.</summary>
    public string KmsUri { get; }

    /// <summary>The key period.</summary>
    public KeyPeriod Period { get; }

    /// <summary>The UID of identity, KMS and period (TS 33.180 F.2.1).</summary>
    public UserId UserId { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>
    /// SHA-256 over KMS URI, key periods, KPAK and Z_T of the KMS certificate that it belongs to, in hexadecimal: two generations
    /// of one KMS differ in it.
    /// </summary>
    public string CertificateFingerprint => Convert.ToHexStringLower(_certificate);

    /// <summary>How the keys were wrapped on their way from the KMS; null if they came in the clear over TLS.</summary>
    public KeyWrapProfile? Wrapping { get; }

    internal ReadOnlySpan<byte> Certificate => _certificate;

    /// <inheritdoc/>
    public bool Equals(KeySetInfo? other) =>
        other is not null && UserId.Equals(other.UserId) && _certificate.AsSpan().SequenceEqual(other._certificate);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeySetInfo);

    /// <inheritdoc/>
    public override int GetHashCode() => UserId.GetHashCode();
}

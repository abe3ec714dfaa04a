using System.Diagnostics.CodeAnalysis;
using Watchword.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>Why a key set is not fit for use. The numbers are stable.</summary>
public enum KeySetFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>The key set names another KMS URI than the certificate.</summary>
    WrongKmsUri = 1,

    /// <summary>The key set names another certificate (<c>CertUri</c>) than the one given.</summary>
    WrongCertificate = 2,

    /// <summary>The certificate is not a Root certificate: no user keys come from an external KMS.</summary>
    CertificateNotRoot = 3,

    /// <summary>The certificate is revoked.</summary>
    CertificateRevoked = 4,

    /// <summary>The certificate is not valid at any time of the key period.</summary>
    CertificateNotValid = 5,

    /// <summary>The key set is revoked.</summary>
    Revoked = 6,

    /// <summary>The stated validity ends before it begins.</summary>
    InvalidValidity = 7,

    /// <summary>The key period does not exist, or the stated validity has no instant in common with it.</summary>
    PeriodMismatch = 8,

    /// <summary>The stated UID is not the one of user, KMS and period (TS 33.180 F.2.1).</summary>
    UserIdMismatch = 9,

    /// <summary>The keys are wrapped for a transport key, which is not supported.</summary>
    EncryptedKeys = 10,

    /// <summary>SSK and PVT fail the check of RFC 6507 §5.1.2 against KPAK and UID.</summary>
    BadSigningKey = 11,

    /// <summary>The RSK fails the check of RFC 6508 §6.1.2 against Z_T and UID.</summary>
    BadDecryptionKey = 12,
}

public sealed partial class KmsKeySet
{
    /// <summary>
    /// Checks the key set against the certificate of its KMS: recomputes the UID and imports both keys, which is the validation
    /// that RFC 6507 and RFC 6508 require of a user before first use. Costs one pairing.
    /// </summary>
    /// <param name="certificate">The Root certificate of the KMS that issued the keys.</param>
    /// <param name="validated">The usable keys, owned by the caller; null if there is a fault.</param>
    /// <param name="fault">The first fault found, or <see cref="KeySetFault.None"/>.</param>
    public bool TryValidate(KmsCertificate certificate, [NotNullWhen(true)] out ValidatedKeySet? validated, out KeySetFault fault)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ObjectDisposedException.ThrowIf(_keys.IsDisposed, this);
        validated = null;
        fault = CheckStatements(certificate, out KeyPeriod period);
        if (fault != KeySetFault.None)
        {
            return false;
        }

        if (!EccsiSigningKey.TryImport(
            certificate.PublicAuthenticationKey, UserId.Octets, _keys.SigningSecret, _keys.PublicToken, out EccsiSigningKey? signing))
        {
            fault = KeySetFault.BadSigningKey;
            return false;
        }

        if (!SakkeReceiverKey.TryImport(certificate.PublicEncryptionKey, UserId.Octets, _keys.ReceiverKey, out SakkeReceiverKey? receiver))
        {
            signing.Dispose();
            fault = KeySetFault.BadDecryptionKey;
            return false;
        }

        validated = new ValidatedKeySet(UserUri, KmsUri, UserId, period, signing, receiver);
        return true;
    }

    /// <summary>Everything that the key set says about itself, before any key is touched.</summary>
    private KeySetFault CheckStatements(KmsCertificate certificate, out KeyPeriod period)
    {
        period = default;
        if (!string.Equals(KmsUri, certificate.KmsUri, StringComparison.Ordinal))
        {
            return KeySetFault.WrongKmsUri;
        }

        if (CertUri is not null && certificate.CertUri is not null && !string.Equals(CertUri, certificate.CertUri, StringComparison.Ordinal))
        {
            return KeySetFault.WrongCertificate;
        }

        if (certificate.Role != KmsCertificateRole.Root)
        {
            return KeySetFault.CertificateNotRoot;
        }

        if (certificate.Revoked)
        {
            return KeySetFault.CertificateRevoked;
        }

        if (Revoked)
        {
            return KeySetFault.Revoked;
        }

        if (ValidTo < ValidFrom)
        {
            return KeySetFault.InvalidValidity;
        }

        if (!certificate.Schedule.TryFromNumber(KeyPeriodNumber, out period) || !Meets(ValidFrom, ValidTo, period))
        {
            return KeySetFault.PeriodMismatch;
        }

        if (!Meets(certificate.ValidFrom, certificate.ValidTo, period))
        {
            return KeySetFault.CertificateNotValid;
        }

        if (!certificate.UserIdFor(UserUri, KeyPeriodNumber).Equals(UserId))
        {
            return KeySetFault.UserIdMismatch;
        }

        return HasEncryptedKeys ? KeySetFault.EncryptedKeys : KeySetFault.None;
    }

    private static bool Meets(DateTimeOffset? from, DateTimeOffset? to, KeyPeriod period) =>
        (from is null || from < period.End) && (to is null || to >= period.Start);
}

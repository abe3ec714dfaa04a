namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText OfCustody(KmsError error) => error switch
    {
        KmsError.Sealed => new(
            "the KMS is sealed: its key-encryption key exists only as shares", "-",
            "Share holders give their shares; then try again"),
        KmsError.UnsealTooOften => new(
            "shares are given too fast", "-",
            "Wait a while, then give the next share"),
        KmsError.KeyEncryptionKeyNotConfigured => new(
            "custody is under a key-encryption key that is not configured", "-",
            "Name that key under Kms:Custody, or under Kms:Custody:Previous while re-wrapping"),
        KmsError.CustodyChanged => new(
            "a custody document was changed by somebody else meanwhile", "-",
            "Run the command again"),
        KmsError.CustodyNotEmpty => new(
            "the installation already has custody documents", "-",
            "Restore into an empty data directory"),
        KmsError.SealedSecretNotOpened => new(
            "a sealed secret of the store does not open", "NIST SP 800-38D",
            "Restore custody and database from the same backup; keep the database as evidence"),
        KmsError.RewrapIncomplete => new(
            "custody documents are still under the previous key-encryption key", "-",
            "Run custody rewrap again, and keep the previous key until custody rewrap --finish succeeds"),
        KmsError.ShareMalformed => new(
            "that is no share, or it was mistyped", "-",
            "Compare the line that is named with the paper"),
        KmsError.ShareOfAnotherSet => new(
            "the share belongs to another set, or is given twice", "-",
            "Give shares of one set, each once; their first line names it"),
        KmsError.SharesDoNotCombine => new(
            "the shares do not give the secret that was split", "-",
            "One of them was altered: begin again with other shares of the set"),
        KmsError.ShareParametersInvalid => new(
            "a secret cannot be split like that", "-",
            "2 to 32 shares, a threshold from 2 up to their number, a secret of 1 to 32 octets"),
        KmsError.NoRecoveryKey => new(
            "the installation has no recovery key", "-",
            "Create one with custody create-recovery-key"),
        KmsError.RecoveryKeyExists => new(
            "the installation has a recovery key already", "-",
            "Use it; replacing it takes --replace, and older backups stay under the older key"),
        KmsError.BackupMalformed => new(
            "the file is no backup of this KMS", "-",
            "Check the path"),
        KmsError.BackupNotOpened => new(
            "the backup does not open", "NIST SP 800-38D",
            "Give shares of the recovery key that the backup names, and the whole file"),
        KmsError.BackupVerificationFailed => new(
            "the backup does not derive the recorded public keys and tokens", "RFC 6507 5.1.1",
            "Do not rely on this backup: make another one and keep this one as evidence"),
        KmsError.TokenUnavailable => new(
            "the PKCS#11 library or the token cannot be had", "PKCS#11",
            "Check Kms:Custody:Pkcs11, the library and the token label"),
        KmsError.TokenPinRefused => new(
            "the token refused the PIN", "PKCS#11 C_Login",
            "Mend the PIN before the next start: tokens lock after a few wrong ones"),
        KmsError.TokenPinLocked => new(
            "the PIN of the token is locked or about to be", "PKCS#11 C_Login",
            "The security officer of the token unlocks the PIN; it is not tried until then"),
        KmsError.TokenKeyUnsuitable => new(
            "the key-encryption key of the token is missing, not the only one, or can leave the token", "PKCS#11",
            "Create one with custody create-token-key"),
        KmsError.TokenFailed => new(
            "the token failed", "PKCS#11",
            "Look the CKR value up in the manual of the token"),
        KmsError.SharesMissing => new(
            "more shares are needed", "-",
            "Name as many share files as the threshold says"),
        KmsError.CustodyDocumentMissing => new(
            "custody keeps nothing of that name", "-",
            "Check data directory and domain, or restore from the backup"),
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}

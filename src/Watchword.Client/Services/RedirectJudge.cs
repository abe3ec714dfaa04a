using System.Security.Cryptography.X509Certificates;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Judges KMS redirect responses (TS 33.180 5.2.8, D.4.2): form, signature, signer, and what they are about.</summary>
internal static class RedirectJudge
{
    /// <summary>Judges one.</summary>
    /// <param name="document">As it came.</param>
    /// <param name="signers">The certificates that signers are trusted by: their issuers, or they themselves.</param>
    /// <param name="initiatorKms">The KMS of the sender of the message that was refused.</param>
    /// <param name="receiverKms">The KMS that it was encrypted for.</param>
    /// <param name="now">The time.</param>
    public static ServiceRedirect Judge(
        ReadOnlyMemory<byte> document, IReadOnlyCollection<X509Certificate2> signers, string initiatorKms, string receiverKms,
        DateTimeOffset now)
    {
        KmsRedirectResponse response;
        try
        {
            response = KmsRedirectResponse.Parse(document);
        }
        catch (KeyManagementFormatException)
        {
            return new ServiceRedirect(RedirectStanding.Malformed, null);
        }

        RedirectStanding standing = JudgeSigner(response, signers, now);
        return new ServiceRedirect(
            standing != RedirectStanding.Trusted ? standing
                : response.RejectedInitiatorKmsUri != initiatorKms || response.RejectedReceiverKmsUri != receiverKms
                    ? RedirectStanding.OtherMessage
                : !response.NarrowsWhatIsEmbedded ? RedirectStanding.Widened
                : RedirectStanding.Trusted,
            response);
    }

    private static RedirectStanding JudgeSigner(
        KmsRedirectResponse response, IReadOnlyCollection<X509Certificate2> signers, DateTimeOffset now)
    {
        if (!response.HasUnverifiedSignature)
        {
            return RedirectStanding.NotSigned;
        }

        if (!response.TryVerify(out X509Certificate2? signer))
        {
            return RedirectStanding.SignatureInvalid;
        }

        using (signer)
        {
            return JudgeChain(signer, signers, now);
        }
    }

    private static RedirectStanding JudgeChain(
        X509Certificate2 signer, IReadOnlyCollection<X509Certificate2> signers, DateTimeOffset now)
    {
        // With no anchor of its own the platform would go by the system's, whose holders have no say in this.
        if (signers.Count == 0)
        {
            return RedirectStanding.SignerUntrusted;
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.NoFlag;
        chain.ChainPolicy.CustomTrustStore.AddRange(signers.ToArray());
        try
        {
            return chain.Build(signer) ? RedirectStanding.Trusted
                : chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.NotTimeValid)
                    ? RedirectStanding.SignerExpired
                : RedirectStanding.SignerUntrusted;
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}

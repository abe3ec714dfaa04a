using System.Security.Cryptography.X509Certificates;
using Watchword.KeyManagement;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Observability;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>
/// Makes the KMS redirect responses of this server, signed by the X.509 certificate that the configuration names (TS 33.180 5.2.8,
/// D.4.2).
/// </summary>
internal sealed class RedirectResponses(McxSettings settings, TimeProvider time, ILogger<RedirectResponses> log) : IDisposable
{
    private readonly X509Certificate2? _signer = settings.RedirectSigner is { } signer
        ? X509Certificate2.CreateFromPemFile(signer.CertificateFile, signer.KeyFile)
        : null;

    /// <summary>Makes one.</summary>
    /// <param name="initiatorKms">The KMS of the initiator of the message that is rejected.</param>
    /// <param name="receiverKms">The KMS of its receiver.</param>
    /// <param name="proposed">The KMS to use instead.</param>
    public KmsRedirectResponse Create(string initiatorKms, string receiverKms, string proposed)
    {
        KmsRedirectResponse response = KmsRedirectResponse.Create(initiatorKms, receiverKms, [proposed]);
        if (_signer is null)
        {
            return response;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (now < new DateTimeOffset(_signer.NotBefore) || now > new DateTimeOffset(_signer.NotAfter))
        {
            // A signature that nobody can trust says no more than none.
            log.RedirectSignerExpired(new DateTimeOffset(_signer.NotAfter));
            return response;
        }

        return response.Sign(_signer);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => _signer?.Dispose();

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(RedirectResponses);
}

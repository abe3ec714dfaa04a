using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Watchword.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Marks the connections of the admin listener. The admin API exists on no other, and nothing else on this one.</summary>
internal sealed class AdminListener
{
    private static readonly AdminListener Mark = new();

    private AdminListener()
    {
    }

    /// <summary>True if the request came in on the admin listener.</summary>
    public static bool Has(HttpContext context) => context.Features.Get<AdminListener>() is not null;

    /// <summary>TLS with the mark, and with pinned client certificates if the operator named some.</summary>
    public static void UseTls(
        ListenOptions listener, ReloadingCertificate certificates, AdminSettings settings, TimeProvider time)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        HttpsConnectionAdapterOptions https = new();
        if (settings.NeedsClientCertificate)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => settings.MayConnect(certificate, time.GetUtcNow());
        }

        TlsProfile.Apply(https, certificates, tls =>
        {
            if (settings.NeedsClientCertificate)
            {
                tls.AllowTlsResume = false;
                tls.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                };
            }
        });
        listener.UseHttps(https);
        listener.Use(next => connection =>
        {
            connection.Features.Set(Mark);
            return next(connection);
        });
    }
}

/// <summary>In the metadata of everything that is served on the admin listener.</summary>
internal sealed class AdminEndpoint
{
    public static AdminEndpoint Instance { get; } = new();
}

/// <summary>On the admin listener only endpoints of the admin API are chosen, on every other only the rest.</summary>
internal sealed class AdminEndpointSelector : MatcherPolicy, IEndpointSelectorPolicy
{
    // Before anything that could find an endpoint of the other listener good.
    public override int Order => -100;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsAdmin);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        bool wanted = AdminListener.Has(httpContext);
        for (int i = 0; i < candidates.Count; i++)
        {
            if (IsAdmin(candidates[i].Endpoint) != wanted)
            {
                candidates.SetValidity(i, false);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsAdmin(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AdminEndpoint>() is not null;
}

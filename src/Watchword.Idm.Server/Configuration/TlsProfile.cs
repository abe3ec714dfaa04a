using System.Net.Security;

namespace Watchword.Idm.Server.Configuration;

/// <summary>The cipher suites of the listeners (TS 33.210 §6.2): authenticated encryption with forward secrecy and nothing else.</summary>
internal static class TlsProfile
{
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <summary>Takes all other suites off; .NET can do so on Linux, elsewhere the system's choice stands.</summary>
    public static void Restrict(SslServerAuthenticationOptions authentication)
    {
        if (OperatingSystem.IsLinux())
        {
            authentication.CipherSuitesPolicy = new CipherSuitesPolicy(Suites);
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Authorization.Keys;

namespace Watchword.Authorization.Configuration;

/// <summary>The part of the configuration check that concerns security events and introspection.</summary>
internal static class SecurityEventFaults
{
    private static readonly TimeSpan MaxCacheLifetime = TimeSpan.FromSeconds(10);

    public static void Check(string path, TrustedIssuerOptions issuer, List<string> faults)
    {
        if (issuer.SecurityEvents is not { } events)
        {
            faults.Add(
                $"{path}:SecurityEvents: set Policy to Refuse or Allow for an issuer that sends security events, "
                + "and to Off for one that sends none.");
            return;
        }

        if (!Enum.IsDefined(events.Policy))
        {
            faults.Add($"{path}:SecurityEvents:Policy: Refuse, Allow or Off.");
        }

        if (events.MaxSilence < TimeSpan.FromSeconds(1) || events.MaxSilence > TimeSpan.FromDays(1))
        {
            faults.Add($"{path}:SecurityEvents:MaxSilence: {events.MaxSilence} is not between 1 second and 1 day.");
        }

        if (events.Introspection is { } introspection)
        {
            Check($"{path}:SecurityEvents:Introspection", introspection, faults);
        }
    }

    private static void Check(string path, IntrospectionOptions introspection, List<string> faults)
    {
        if (!Backchannel.IsHttps(introspection.Endpoint))
        {
            faults.Add($"{path}:Endpoint: '{introspection.Endpoint}' is not an absolute https address.");
        }

        if (introspection.CacheLifetime < TimeSpan.Zero || introspection.CacheLifetime > MaxCacheLifetime)
        {
            faults.Add($"{path}:CacheLifetime: {introspection.CacheLifetime} is not between 0 and {MaxCacheLifetime}.");
        }

        if (CredentialFault(introspection) is { } fault)
        {
            faults.Add($"{path}:{fault}");
        }
    }

    private static string? CredentialFault(IntrospectionOptions introspection)
    {
        try
        {
            if (!OperatingSystem.IsWindows()
                && (File.GetUnixFileMode(introspection.KeyFile) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            {
                return $"KeyFile: '{introspection.KeyFile}' is readable by others (mode 0600 is needed).";
            }

            if (!string.IsNullOrEmpty(introspection.CertificateFile))
            {
                using X509Certificate2 pair = X509Certificate2.CreateFromPemFile(
                    introspection.CertificateFile, introspection.KeyFile);
                return null;
            }

            using ECDsa key = IntrospectionCredential.ReadKey(introspection.KeyFile);
            return key.KeySize == 256 ? null : "KeyFile: an EC key on P-256 is needed.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return $"KeyFile: '{introspection.KeyFile}', or the certificate, cannot be read: {e.GetType().Name}.";
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Idm.Server.Configuration;

/// <summary>The part of the configuration check that concerns receivers of security events.</summary>
internal static class EventReceiverFaults
{
    public static IEnumerable<string> Of(IdmOptions options)
    {
        for (int i = 0; i < options.ResourceServers.Count; i++)
        {
            ResourceServerOptions server = options.ResourceServers[i];
            if (server.Events is null)
            {
                continue;
            }

            string path = $"Idm:ResourceServers:{i}:Events";
            if (options.ResourceServers.Take(i).Any(other => other.Events is not null && other.Audience == server.Audience))
            {
                yield return $"{path}: '{server.Audience}' has a stream of events already.";
            }

            foreach (string fault in Of(path, server.Events))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> Of(string path, EventReceiverOptions events)
    {
        if (!Uri.TryCreate(events.Endpoint, UriKind.Absolute, out Uri? uri)
            || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            yield return $"{path}:Endpoint must be an https URL without user or fragment.";
        }

        if (events.HeartbeatInterval < TimeSpan.FromMilliseconds(200) || events.HeartbeatInterval > TimeSpan.FromMinutes(10))
        {
            yield return $"{path}:HeartbeatInterval must be between 200 ms and 10 minutes.";
        }

        if (events.Timeout < TimeSpan.FromMilliseconds(100) || events.Timeout > TimeSpan.FromMinutes(1))
        {
            yield return $"{path}:Timeout must be between 100 ms and 1 minute.";
        }

        if (events.SigningAlgorithm is not ("ES256" or "RS256"))
        {
            yield return $"{path}:SigningAlgorithm must be ES256 or RS256.";
        }

        if (string.IsNullOrEmpty(events.ClientCertificateFile) != string.IsNullOrEmpty(events.ClientKeyFile))
        {
            yield return $"{path}: ClientCertificateFile and ClientKeyFile go together.";
        }
        else if (!string.IsNullOrEmpty(events.ClientCertificateFile) && !IsKeyPair(events.ClientCertificateFile, events.ClientKeyFile!))
        {
            yield return $"{path}:ClientCertificateFile or ClientKeyFile cannot be read, or they do not belong together.";
        }

        foreach ((string key, string? file) in ((string, string?)[])
            [("ClientKeyFile", events.ClientKeyFile), ("BearerTokenFile", events.BearerTokenFile)])
        {
            if (!string.IsNullOrEmpty(file) && !IsPrivate(file))
            {
                yield return $"{path}:{key} does not exist, or is readable by others (mode 0600).";
            }
        }

        if (!string.IsNullOrEmpty(events.CaFile) && !HasCertificate(events.CaFile))
        {
            yield return $"{path}:CaFile cannot be read, or has no PEM certificate.";
        }
    }

    private static bool IsPrivate(string file) => File.Exists(file) && (OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) == 0);

    private static bool HasCertificate(string file)
    {
        try
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }

    private static bool IsKeyPair(string certificateFile, string keyFile)
    {
        try
        {
            using X509Certificate2 pair = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            return pair.HasPrivateKey;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}

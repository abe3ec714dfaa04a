using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Cli.Profiles;

/// <summary>Reads a UE's own X.509 certificate (TS 33.180 6.1.2, mutual authentication at the HTTP proxy).</summary>
internal static class TlsFiles
{
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The certificate with its key; the caller disposes it.</summary>
    /// <param name="file">PEM file of the certificate.</param>
    /// <param name="keyFile">PEM file of the private key, which nobody else may read.</param>
    /// <exception cref="CliException">A file cannot be read or is none, or others may read the key.</exception>
    public static X509Certificate2 Read(string file, string keyFile)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(keyFile) & OfOthers) != 0)
            {
                throw new CliException(ExitCode.Locked, $"other users may read {keyFile}") { Hint = $"chmod 600 {keyFile}" };
            }

            return X509Certificate2.CreateFromPemFile(file, keyFile);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Locked, "the UE's own certificate cannot be used", e)
            {
                Cause = $"{file} or {keyFile} cannot be read, or they do not belong together",
                Clause = "TS 33.180 6.1.2",
                Hint = "give PEM files: --tls-certificate FILE and --tls-key FILE",
            };
        }
    }
}

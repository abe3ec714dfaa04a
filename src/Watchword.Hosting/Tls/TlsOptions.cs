namespace Watchword.Hosting;

/// <summary>The server's X.509 certificate, in PEM files that are looked at again while the server runs.</summary>
public sealed class TlsOptions
{
    /// <summary>The certificate, with its intermediates behind it.</summary>
    public string CertificateFile { get; set; } = string.Empty;

    /// <summary>Its private key; nobody but its owner and its group can reach it.</summary>
    public string KeyFile { get; set; } = string.Empty;

    /// <summary>
    /// The DNS name or IP address under which peers connect to this server, if that is not the host of its public URL: behind the
    /// HTTP proxy of TS 24.482 the proxy has the public name.
    /// </summary>
    public string? ServerName { get; set; }

    /// <summary>After how many seconds the files are read again, 1 to 3600; SIGHUP reads them at once.</summary>
    public int PollSeconds { get; set; } = 10;

    /// <summary>How many days before its end a certificate is warned about, 0 to 365.</summary>
    public int ExpiryWarningDays { get; set; } = 30;
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>One TLS connection that stays open, for what an HTTP client does by itself.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly SslStream _tls;
    private readonly StreamReader _reader;

    private RawConnection(TcpClient tcp, SslStream tls)
    {
        _tcp = tcp;
        _tls = tls;
        _reader = new StreamReader(tls, Encoding.ASCII);
    }

    /// <summary>SHA-256 of the certificate that the server showed.</summary>
    public string Thumbprint => Convert.ToHexString(
        System.Security.Cryptography.SHA256.HashData(_tls.RemoteCertificate!.GetRawCertData()));

    /// <summary>How many certificates the server sent, its own included.</summary>
    public int Sent { get; private set; }

    public static async Task<RawConnection> OpenAsync(int port)
    {
        TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        int sent = 0;
        SslStream tls = new(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
#pragma warning disable CA5359 // Which certificate is shown is the matter of the test, not who trusts it.
                RemoteCertificateValidationCallback = (_, _, chain, _) =>
                {
                    sent = chain!.ChainPolicy.ExtraStore.Count;
                    return true;
                },
#pragma warning restore CA5359
            },
            TestContext.Current.CancellationToken);
        return new RawConnection(tcp, tls) { Sent = sent };
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(byte[] octets) => await _tls.WriteAsync(octets, TestContext.Current.CancellationToken);

    /// <summary>The status line of the next answer; its head and body are read.</summary>
    public async Task<string> ReadAnswerAsync() => (await ReadWholeAnswerAsync()).Status;

    /// <summary>The next answer: status line, header lines and body of ASCII characters.</summary>
    public async Task<(string Status, string Head, string Body)> ReadWholeAnswerAsync()
    {
        string status = await _reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? string.Empty;
        int length = 0;
        StringBuilder head = new();
        while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
        {
            head.Append(line).Append('\n');
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(line.AsSpan("Content-Length:".Length), System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        char[] body = new char[length];
        if (length > 0)
        {
            await _reader.ReadBlockAsync(body, TestContext.Current.CancellationToken);
        }

        return (status, head.ToString(), new string(body));
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tls.Dispose();
        _tcp.Dispose();
    }

    /// <summary>SHA-256 of the first certificate of a PEM file.</summary>
    public static string ThumbprintOf(string file)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        return certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
    }
}

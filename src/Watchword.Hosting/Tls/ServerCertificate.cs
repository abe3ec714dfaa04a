using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Watchword.Hosting;

/// <summary>Why a pair of PEM files cannot serve.</summary>
public enum TlsFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>One of the files cannot be read.</summary>
    Unreadable,

    /// <summary>One of the files is larger than any certificate or key.</summary>
    TooLarge,

    /// <summary>The files are not a certificate and its own private key in PEM; also while one of them is being
    /// written.</summary>
    NotAPair,

    /// <summary>The certificate is not in force yet.</summary>
    NotYetValid,

    /// <summary>The certificate has expired.</summary>
    Expired,
}

/// <summary>A certificate with its key and intermediates, ready for handshakes, and the mark of the files it came from.</summary>
public sealed class ServerCertificate
{
    private const int MaxFileOctets = 256 * 1024;

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection others, byte[] mark)
    {
        Leaf = leaf;
        Others = others;
        Mark = mark;
        NotBefore = new DateTimeOffset(leaf.NotBefore);
        NotAfter = new DateTimeOffset(leaf.NotAfter);
        // Offline: a server that starts, or that meets a new file, asks nobody on the network for intermediates.
        Context = SslStreamCertificateContext.Create(leaf, others, offline: true);
    }

    /// <summary>The server's own certificate, with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What stands behind it in the file.</summary>
    public X509Certificate2Collection Others { get; }

    /// <summary>Begin of validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>End of validity.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>For handshakes. One object for the life of the certificate: TLS sessions are resumed by it.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>SHA-256 over both files: the same octets give the same mark, whatever became of names and times.</summary>
    internal byte[] Mark { get; }

    /// <summary>True if <paramref name="now"/> lies in the validity.</summary>
    public TlsFault JudgeTime(DateTimeOffset now) =>
        now < NotBefore ? TlsFault.NotYetValid : now > NotAfter ? TlsFault.Expired : TlsFault.None;

    /// <summary>Reads the pair of files; null, with the reason, if they are none.</summary>
    public static ServerCertificate? Read(TlsOptions files, out TlsFault fault) => Read(files, known: null, out fault, out _);

    /// <summary>
    /// Reads the pair of files. <paramref name="mark"/> is that of the files as they are now; if it is <paramref name="known"/>,
    /// nothing else is done.
    /// </summary>
    internal static ServerCertificate? Read(TlsOptions files, byte[]? known, out TlsFault fault, out byte[] mark)
    {
        mark = [];
        byte[] key = [];
        try
        {
            byte[] certificate = ReadFile(files.CertificateFile);
            key = ReadFile(files.KeyFile);
            if (certificate.Length > MaxFileOctets || key.Length > MaxFileOctets)
            {
                fault = TlsFault.TooLarge;
                return null;
            }

            mark = MarkOf(certificate, key);
            fault = TlsFault.None;
            return known.AsSpan().SequenceEqual(mark) ? null : Parse(certificate, key, mark, out fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            fault = TlsFault.Unreadable;
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static ServerCertificate? Parse(byte[] certificate, byte[] key, byte[] mark, out TlsFault fault)
    {
        char[] keyText = GC.AllocateArray<char>(Encoding.Latin1.GetCharCount(key), pinned: true);
        X509Certificate2Collection all = [];
        try
        {
            Encoding.Latin1.GetChars(key, keyText);
            string text = Encoding.Latin1.GetString(certificate);
            all.ImportFromPem(text);
            X509Certificate2 leaf = X509Certificate2.CreateFromPem(text, keyText);
            all[0].Dispose();
            fault = TlsFault.None;
            return new ServerCertificate(leaf, [.. all.Skip(1)], mark);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = TlsFault.NotAPair;
            return null;
        }
        finally
        {
            Array.Clear(keyText);
        }
    }

    private static byte[] MarkOf(byte[] certificate, byte[] key)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(certificate));
        hash.AppendData(SHA256.HashData(key));
        return hash.GetHashAndReset();
    }

    /// <summary>The file, or one octet more than the limit of it.</summary>
    private static byte[] ReadFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1);
        byte[] content = GC.AllocateArray<byte>((int)Math.Min(stream.Length, MaxFileOctets + 1), pinned: true);
        int read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (read == content.Length)
        {
            return content;
        }

        // The file became shorter meanwhile: what was read is judged, and read again at the next poll.
        byte[] shorter = content[..read];
        CryptographicOperations.ZeroMemory(content);
        return shorter;
    }
}

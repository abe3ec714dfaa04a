using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Watchword.Client;

/// <summary>
/// The smallest HTTP server that takes one redirect: 127.0.0.1 only, one path, GET only, its own Host only. Whatever else a browser
/// or a local program sends gets 404 and changes nothing.
/// </summary>
internal sealed class LoopbackListener : IDisposable
{
    private const int MaxHeadOctets = 16 * 1024;
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _path;
    private readonly string _authority;

    public LoopbackListener(string path)
    {
        if (!path.StartsWith('/') || path.AsSpan().IndexOfAny("?# \r\n") >= 0)
        {
            throw new ArgumentException("A path starts with a slash and holds no query.", nameof(path));
        }

        _listener.Start();
        _path = path;
        _authority = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
    }

    public string RedirectUri => $"http://{_authority}{_path}";

    /// <summary>The whole redirect address, once the browser comes with one.</summary>
    public async Task<string> WaitAsync(CancellationToken cancellation)
    {
        TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task accepting = AcceptAsync(answer, stop.Token);
        try
        {
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await accepting;
        }
    }

    public void Dispose() => _listener.Dispose();

    // Browsers open connections ahead and leave them silent: each one is served beside the others.
    private async Task AcceptAsync(TaskCompletionSource<string> answer, CancellationToken stop)
    {
        List<Task> serving = [];
        try
        {
            while (!answer.Task.IsCompleted)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(stop);
                serving.RemoveAll(t => t.IsCompleted);
                serving.Add(ServeAsync(client, answer, stop));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            if (!stop.IsCancellationRequested)
            {
                answer.TrySetException(e);
            }
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client, TaskCompletionSource<string> answer, CancellationToken stop)
    {
        using (client)
        {
            try
            {
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
                limit.CancelAfter(HeadTimeout);
                NetworkStream stream = client.GetStream();
                string? target = Target(await ReadHeadAsync(stream, limit.Token));
                await stream.WriteAsync(target is null ? NotFound : Done, limit.Token);
                if (target is not null)
                {
                    answer.TrySetResult($"http://{_authority}{target}");
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // A connection that says nothing, or goes away, is no answer.
            }
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        byte[] buffer = new byte[MaxHeadOctets];
        int length = 0;
        while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    // Another Host means that a page elsewhere had its name rebound to this machine.
    private string? Target(string head)
    {
        string[] lines = head.Split("\r\n");
        string[] request = lines[0].Split(' ');
        bool ourHost = lines.Skip(1).Count(l => l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) == 1
            && lines.Any(l => l.StartsWith("Host:", StringComparison.OrdinalIgnoreCase) && l[5..].Trim() == _authority);
        return head.Contains("\r\n\r\n", StringComparison.Ordinal)
            && request is ["GET", var target, "HTTP/1.1" or "HTTP/1.0"]
            && target.StartsWith(_path + "?", StringComparison.Ordinal)
            && ourHost
            ? target
            : null;
    }

    private static ReadOnlyMemory<byte> Done { get; } = Page("200 OK", "<h1>Logged in</h1><p>You can close this window and go back to the program.</p>");

    private static ReadOnlyMemory<byte> NotFound { get; } = Page("404 Not Found", "<h1>Nothing here</h1>");

    private static ReadOnlyMemory<byte> Page(string status, string body)
    {
        string html = $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Watchword</title>{body}</html>";
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {html.Length}\r\n"
            + "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n"
            + $"Connection: close\r\n\r\n{html}");
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip;

/// <summary>The connections that the stack opened, one for each destination, used again until they end.</summary>
[SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope",
    Justification = "The set of running connections disposes them.")]
internal sealed class SipConnectionPool(SipStackOptions options, SipReceiver receiver, SipMetrics metrics) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<SipDestination, Lazy<Task<SipConnection>>> _connections = new();
    private readonly SipConnectionCount _count = new(options.TransportLimits.MaxClientConnections);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskSet _running = new();

    /// <summary>The connection to a destination, and whether it was there before.</summary>
    /// <exception cref="SipSendException">It cannot be opened.</exception>
    public async Task<(SipConnection Connection, bool IsReused)> GetAsync(SipDestination destination,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            Lazy<Task<SipConnection>> fresh = new(() => OpenAsync(destination));
            Lazy<Task<SipConnection>> entry = _connections.GetOrAdd(destination, fresh);
            bool reused = !ReferenceEquals(entry, fresh);
            try
            {
                SipConnection connection = await entry.Value.WaitAsync(cancellationToken);
                if (!connection.Closed.IsCancellationRequested)
                {
                    return (connection, reused);
                }

                Forget(destination, entry);
            }
            catch (SipSendException)
            {
                // The next request tries again.
                Forget(destination, entry);
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.DisposeAsync();
        _stop.Dispose();
    }

    private void Forget(SipDestination destination, Lazy<Task<SipConnection>> entry) =>
        _connections.TryRemove(new(destination, entry));

    private async Task<SipConnection> OpenAsync(SipDestination destination)
    {
        if (!_count.TryAdd())
        {
            throw new SipSendException(SipSendFault.Overload);
        }

        bool running = false;
        try
        {
            using CancellationTokenSource slow = new(options.TransportLimits.ConnectTimeout, options.TimeProvider);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, _stop.Token);
            SipConnection connection = await ConnectAsync(destination, either.Token);
            _running.Add(RunAsync(destination, connection));
            running = true;
            return connection;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException
            or ObjectDisposedException)
        {
            throw new SipSendException(SipSendFault.Transport, e) { NothingWasSent = true };
        }
        finally
        {
            if (!running)
            {
                _count.Remove();
            }
        }
    }

    private async Task<SipConnection> ConnectAsync(SipDestination destination, CancellationToken cancellationToken)
    {
        Socket socket = await ConnectSocketAsync(destination, cancellationToken);
        try
        {
            IPEndPoint remote = (IPEndPoint)socket.RemoteEndPoint!;
            IPEndPoint local = (IPEndPoint)socket.LocalEndPoint!;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            SipPeer? peer = options.Peers.Find(remote.Address);
            if (destination.Transport == SipTransport.Tls)
            {
                SslStream tls = await SipTls.ConnectAsync(stream, destination, options.Tls, options.TimeProvider,
                    cancellationToken);
                peer = options.Peers.Find(tls.RemoteCertificate as X509Certificate2, options.TimeProvider.GetUtcNow());
                stream = tls;
            }

            return new SipConnection(stream, destination.Transport, remote, local, peer, options, metrics);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Socket> ConnectSocketAsync(SipDestination destination, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await SipAddresses.ResolveAsync(destination.Host, cancellationToken);
        for (int i = 0; ; i++)
        {
            Socket socket = new(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], destination.Port), cancellationToken);
                return socket;
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task RunAsync(SipDestination destination, SipConnection connection)
    {
        await Task.Yield();
        try
        {
            await _running.RunAsync(connection, () => connection.RunAsync(receiver));
        }
        finally
        {
            _count.Remove();
            if (_connections.TryGetValue(destination, out Lazy<Task<SipConnection>>? entry)
                && entry.Value is { IsCompletedSuccessfully: true } opened && await opened == connection)
            {
                Forget(destination, entry);
            }
        }
    }
}

/// <summary>Addresses of a host.</summary>
internal static class SipAddresses
{
    /// <summary>At least one address, those of names as the resolver orders them.</summary>
    /// <exception cref="SocketException">There is none.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (SipHost.TryAddress(host, out IPAddress? address))
        {
            return [address!];
        }

        IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellationToken);
        return found.Length > 0 ? found : throw new SocketException((int)SocketError.HostNotFound);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Watchword.Testing;

/// <summary>Ports for programs that cannot choose one themselves and say which.</summary>
public static class LoopbackPorts
{
    private const int First = 10_240;

    /// <summary>What Linux takes first for whoever asks for any port, and for connections that go out.</summary>
    private const int FirstGiven = 32_768;

    /// <summary>
    /// A port where nothing listens, by TCP or UDP, and which nobody is given who asks for any: what tests do at the same time does not
    /// take it.
    /// </summary>
    public static int FindUnused()
    {
        while (true)
        {
            int port = RandomNumberGenerator.GetInt32(First, FirstGiven);
            try
            {
                using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
                udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one, then.
            }
        }
    }
}

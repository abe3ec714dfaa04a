using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Watchword.Lab;

/// <summary>The ports of one domain of a running lab.</summary>
internal readonly record struct LabPorts(int Idm)
{
    private const int Attempts = 100;
    private const int Count = 8;

    /// <summary>How far the ports of the other domain are from those of the first: some are left free between.</summary>
    private const int AlliedDistance = 20;
    private const int UsualPort = 7400;
    private const int FirstFound = 10_240;

    /// <summary>What Linux takes first for connections that go out; others begin higher (RFC 6335 §6: 49152).</summary>
    private const int FirstOutgoing = 32_768;

    /// <summary>The greatest first port: all others fit behind it.</summary>
    public const int Greatest = IPEndPoint.MaxPort - AlliedDistance - Count + 1;

    /// <summary>The ports of the other complete domain.</summary>
    public LabPorts Allied => new(Idm + AlliedDistance);

    public int Kms => Idm + 1;

    public int KmsAdmin => Idm + 2;

    public int Services => Idm + 3;

    public int Proxy => Idm + 4;

    /// <summary>SIP over TCP of the MCX server.</summary>
    public int McxSip => Idm + 5;

    /// <summary>SIP over TCP and UDP of the lab's SIP core.</summary>
    public int SipCore => Idm + 6;

    /// <summary>The same as UEs are told it.</summary>
    public string SipCoreAddress => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{SipCore}");

    /// <summary>The services' listener for network entities, under mutual TLS.</summary>
    public int ServicesEntities => Idm + 7;

    public string IdmUrl => Url("localhost", Idm);

    public string KmsUrl => Url("localhost", Kms);

    /// <summary>The same listener by another name, which chooses the other security domain.</summary>
    public string PartnerKmsUrl => Url("127.0.0.1", Kms);

    /// <summary>The admin API of the KMS, on a listener of its own.</summary>
    public string KmsAdminUrl => Url("localhost", KmsAdmin);

    /// <summary>The MCX server's HTTP, where security events arrive.</summary>
    public string ServicesUrl => Url("localhost", Services);

    /// <summary>Where network entities reach the services.</summary>
    public string ServicesEntitiesUrl => Url("localhost", ServicesEntities);

    /// <summary>The XCAP root of the configuration management server.</summary>
    public string ConfigurationRoot => ServicesUrl + "/cms";

    /// <summary>The XCAP root of the group management server.</summary>
    public string GroupsRoot => ServicesUrl + "/gms";

    /// <summary>The HTTP proxy, the one TLS entry of UEs beside the IdM server.</summary>
    public string ProxyUrl => Url("localhost", Proxy);

    /// <summary>The port that was asked for and the next ones.</summary>
    /// <exception cref="LabException">One of them is in use.</exception>
    public static LabPorts Fixed(int port)
    {
        LabPorts ports = new(port);
        return ports.FirstInUse() is { } used
            ? throw new LabException(string.Create(
                CultureInfo.InvariantCulture, $"port {used} is in use: stop what listens there, or choose another --port"))
            : ports;
    }

    /// <summary>Those that the README names if they are free, else any that follow each other.</summary>
    public static LabPorts Usual() => new LabPorts(UsualPort) is var usual && usual.FirstInUse() is null ? usual : FindFree();

    /// <summary>Any that follow each other, below those that systems give to connections that go out.</summary>
    /// <remarks>
    /// A lab keeps its ports, and comes back to them: one that a connection may have in the meantime would be in use now and then.
    /// </remarks>
    public static LabPorts FindFree()
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            LabPorts ports = new(RandomNumberGenerator.GetInt32(FirstFound, FirstOutgoing - AlliedDistance - Count));
            if (ports.FirstInUse() is null)
            {
                return ports;
            }
        }

        throw new LabException("no free ports that follow each other were found on loopback: choose them with --port");
    }

    private int? FirstInUse()
    {
        foreach (int port in Enumerable.Range(Idm, Count).Concat(Enumerable.Range(Allied.Idm, Count)))
        {
            if (!IsFree(port))
            {
                return port;
            }
        }

        return null;
    }

    private static string Url(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}");

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            // The SIP core listens on UDP too.
            using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            datagrams.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

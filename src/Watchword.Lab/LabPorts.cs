using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Watchword.Lab;

/// <summary>The ports of one running lab.</summary>
internal readonly record struct LabPorts(int Idm, int Kms)
{
    private const int Attempts = 100;
    private const int UsualPort = 7400;

    public string IdmUrl => Url("localhost", Idm);

    public string KmsUrl => Url("localhost", Kms);

    /// <summary>The same listener by another name, which chooses the other security domain.</summary>
    public string PartnerKmsUrl => Url("127.0.0.1", Kms);

    /// <summary>The port that was asked for and the next one.</summary>
    /// <exception cref="LabException">One of them is in use.</exception>
    public static LabPorts Fixed(int port)
    {
        LabPorts ports = new(port, port + 1);
        return IsFree(ports.Idm) && IsFree(ports.Kms)
            ? ports
            : throw new LabException($"port {(IsFree(port) ? port + 1 : port)} is in use: stop what listens there, or choose another --port");
    }

    /// <summary>Those that the README names if they are free, else any two that follow each other.</summary>
    public static LabPorts Usual() => IsFree(UsualPort) && IsFree(UsualPort + 1) ? new LabPorts(UsualPort, UsualPort + 1) : FindFree();

    /// <summary>Any two that follow each other.</summary>
    public static LabPorts FindFree()
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            if (port < IPEndPoint.MaxPort && IsFree(port + 1))
            {
                return new LabPorts(port, port + 1);
            }
        }

        throw new LabException("no two free ports were found on loopback: choose them with --port");
    }

    private static string Url(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}");

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

using System.Globalization;
using System.Net;

namespace Watchword.Cli.Captures;

/// <summary>A MIKEY message in a capture.</summary>
/// <param name="Octets">The message.</param>
/// <param name="Packet">The number of the packet that completed it.</param>
/// <param name="From">Address and port of the sender.</param>
/// <param name="To">Address and port of the receiver.</param>
/// <param name="Place">Where in the SIP message it was.</param>
internal sealed record CapturedMessage(byte[] Octets, int Packet, string From, string To, string Place);

/// <summary>Finds the MIKEY messages that SIP carries in a capture, over UDP and TCP.</summary>
internal static class CaptureReader
{
    /// <summary>The most messages that are taken from one capture.</summary>
    public const int MaximumMessages = 10_000;

    private const int MaximumStreams = 65_536;

    /// <summary>The messages in the order in which they were complete.</summary>
    /// <exception cref="CaptureFormatException">The file is damaged.</exception>
    public static IReadOnlyList<CapturedMessage> Read(ReadOnlyMemory<byte> file)
    {
        List<CapturedMessage> messages = [];
        Dictionary<(IPEndPoint, IPEndPoint), (TcpStream Stream, SipBuffer Sip)> streams = [];
        foreach (CapturedPacket packet in CaptureFile.Read(file))
        {
            if (!Datagram.TryRead(packet, out Datagram? datagram))
            {
                continue;
            }

            foreach (SipEntity entity in Entities(datagram, streams))
            {
                foreach ((byte[] octets, string place) in MimeBodies.Find(entity))
                {
                    messages.Add(
                        new CapturedMessage(octets, packet.Number, Text(datagram.Source), Text(datagram.Destination), place));
                    if (messages.Count == MaximumMessages)
                    {
                        return messages;
                    }
                }
            }
        }

        return messages;
    }

    private static IEnumerable<SipEntity> Entities(
        Datagram datagram, Dictionary<(IPEndPoint, IPEndPoint), (TcpStream Stream, SipBuffer Sip)> streams)
    {
        if (datagram.Sequence is null)
        {
            return SipBuffer.FromDatagram(datagram.Content) is { } entity ? [entity] : [];
        }

        (IPEndPoint, IPEndPoint) direction = (datagram.Source, datagram.Destination);
        if (datagram.Starts || !streams.TryGetValue(direction, out (TcpStream Stream, SipBuffer Sip) stream))
        {
            if (streams.Count >= MaximumStreams)
            {
                return [];
            }

            streams[direction] = stream = (new TcpStream(), new SipBuffer());
        }

        return stream.Stream.Add(datagram).SelectMany(stream.Sip.Add);
    }

    private static string Text(IPEndPoint end) => string.Create(CultureInfo.InvariantCulture, $"{end}");
}

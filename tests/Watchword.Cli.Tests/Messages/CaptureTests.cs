using System.Text;
using Watchword.Cli.Captures;
using Watchword.Cli.Messages;

namespace Watchword.Cli.Tests.Messages;

public sealed class CaptureTests
{
    private static readonly byte[] Message = SampleMessages.All()[1].Octets;

    public static TheoryData<bool, bool, int> Files => new()
    {
        { true, true, 1 },
        { true, false, 1 },
        { false, true, 1 },
        { false, false, 1 },
        { true, true, 101 },
        { false, true, 113 },
        { true, true, 113 },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Messages_come_out_of_every_file_and_link(bool classic, bool little, int link)
    {
        byte[][] ip =
        [
            CaptureWriter.Ipv4(17, CaptureWriter.Udp(CaptureWriter.Mikey(Message))),
            CaptureWriter.Ipv6(17, CaptureWriter.Udp(CaptureWriter.Sip("application/sdp", CaptureWriter.Sdp(Message)))),
            CaptureWriter.Ipv4(1, [8, 0, 0, 0]),
        ];
        byte[][] frames = [.. ip.Select(
            packet => link switch { 1 => CaptureWriter.Ethernet(packet), 113 => CaptureWriter.Cooked(packet), _ => packet })];

        IReadOnlyList<CapturedMessage> found = CaptureReader.Read(
            classic ? CaptureWriter.Pcap(frames, link, little) : CaptureWriter.PcapNg(frames, link, little));

        found.Select(m => m.Packet).ShouldBe([1, 2]);
        found.ShouldAllBe(m => m.Octets.SequenceEqual(Message));
        found.Select(m => m.Place).ShouldBe(["application/mikey body", "key-mgmt attribute of SDP"]);
        found[0].From.ShouldBe("192.0.2.1:5060");
        found[1].To.ShouldBe("[2001:db8::2]:5060");
    }

    [Fact]
    public void Tcp_is_put_into_order_and_what_came_twice_left_out()
    {
        byte[] other = CaptureWriter.Sip("text/plain", "x"u8.ToArray());
        byte[] sip = [.. CaptureWriter.Mikey(Message), .. "\r\n\r\n"u8, .. other, .. CaptureWriter.Mikey(Message)];
        (int From, int To)[] pieces = [(0, 100), (700, sip.Length), (90, 400), (0, 100), (350, 700)];
        // Sequence numbers wrap in the middle.
        const uint Start = uint.MaxValue - 300;
        byte[] file = CaptureWriter.Pcap(
        [
            Tcp([], Start - 1, 2),
            .. pieces.Select(p => Tcp(sip[p.From..p.To], unchecked(Start + (uint)p.From))),
        ]);

        IReadOnlyList<CapturedMessage> found = CaptureReader.Read(file);

        found.Count.ShouldBe(2);
        found.ShouldAllBe(m => m.Octets.SequenceEqual(Message));
        found[0].Packet.ShouldBe(6);
    }

    [Fact]
    public void A_stream_without_its_beginning_or_of_another_protocol_gives_nothing()
    {
        byte[] sip = CaptureWriter.Mikey(Message);
        byte[] file = CaptureWriter.Pcap(
        [
            Tcp(sip[50..], 5000),
            Tcp("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), 1, port: 5071),
            Tcp(new byte[2000], 1, port: 5072),
        ]);

        CaptureReader.Read(file).ShouldBeEmpty();
    }

    [Fact]
    public void Bodies_in_multipart_and_base64_are_found()
    {
        byte[] base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(Message, Base64FormattingOptions.InsertLineBreaks));
        byte[] inner = CaptureWriter.Multipart(("Content-Type: application/mikey\r\nContent-Transfer-Encoding: base64", base64));
        byte[] outer = CaptureWriter.Multipart(
            ("Content-Type: application/sdp", CaptureWriter.Sdp(Message)),
            ("Content-Type: application/mikey", Message),
            ("Content-Type: multipart/alternative; boundary=\"x1\"", []));
        byte[] file = CaptureWriter.Pcap(
        [
            Udp(CaptureWriter.Sip("multipart/mixed; boundary=\"x1\"", inner)),
            Udp(CaptureWriter.Sip("multipart/mixed;boundary=x1", outer)),
            Udp(CaptureWriter.Sip("application/mikey", base64)),
        ]);

        IReadOnlyList<CapturedMessage> found = CaptureReader.Read(file);

        found.Select(m => m.Packet).ShouldBe([1, 2, 2, 3]);
        found.ShouldAllBe(m => m.Octets.SequenceEqual(Message));
    }

    [Fact]
    public void A_capture_cut_short_anywhere_is_an_error_with_a_place_or_shorter()
    {
        byte[] frame = Udp(CaptureWriter.Mikey(Message));
        foreach (byte[] file in (byte[][])[CaptureWriter.Pcap([frame]), CaptureWriter.PcapNg([frame])])
        {
            for (int length = 4; length < file.Length; length++)
            {
                try
                {
                    CaptureReader.Read(file.AsMemory(0, length)).ShouldBeEmpty();
                }
                catch (CaptureFormatException fault)
                {
                    fault.Offset.ShouldBeInRange(0, length);
                }
            }
        }
    }

    [Fact]
    public void Lengths_that_lie_are_refused()
    {
        byte[] file = CaptureWriter.Pcap([Udp(CaptureWriter.Mikey(Message))]);
        file[24 + 11] = 0x7F;
        Should.Throw<CaptureFormatException>(() => CaptureReader.Read(file)).Offset.ShouldBe(24 + 8);

        byte[] blocks = CaptureWriter.PcapNg([Udp(CaptureWriter.Mikey(Message))]);
        blocks[4] = 3;
        Should.Throw<CaptureFormatException>(() => CaptureReader.Read(blocks)).Offset.ShouldBe(4);
    }

    [Fact]
    public void Text_input_of_every_form_is_read()
    {
        string base64 = Convert.ToBase64String(Message);
        byte[][] inputs =
        [
            Message,
            Encoding.ASCII.GetBytes(Convert.ToHexString(Message)),
            Encoding.ASCII.GetBytes(base64),
            Encoding.ASCII.GetBytes(string.Join("\r\n ", base64.Chunk(60).Select(c => new string(c)))),
            Encoding.ASCII.GetBytes("mikey " + base64),
            CaptureWriter.Sdp(Message),
        ];
        foreach (byte[] input in inputs)
        {
            MessageInput.Find(input).Select(m => m.Octets).ShouldHaveSingleItem().ShouldBe(Message);
        }

        MessageInput.Find("hello, world"u8.ToArray()).ShouldBeEmpty();
    }

    private static byte[] Udp(byte[] content) => CaptureWriter.Ethernet(CaptureWriter.Ipv4(17, CaptureWriter.Udp(content)));

    private static byte[] Tcp(byte[] content, uint sequence, int flags = 0x18, int port = 5070) =>
        CaptureWriter.Ethernet(CaptureWriter.Ipv4(6, CaptureWriter.Tcp(content, sequence, flags, port)));
}

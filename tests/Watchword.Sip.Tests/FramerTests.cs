using System.Buffers;
using System.Text;

namespace Watchword.Sip.Tests;

/// <summary>Messages on a stream, cut anywhere.</summary>
public sealed class FramerTests
{
    private static string Message(string body, string length) =>
        "MESSAGE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n"
        + "From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n"
        + $"{length}\r\n{body}";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(5000)]
    public void Messages_are_found_however_they_are_cut(int step)
    {
        string first = Message("hello", "Content-Length: 5\r\n");
        string second = Message("", "l: 0\r\n");
        byte[] stream = Encoding.UTF8.GetBytes($"\r\n{first}\r\n\r\n{second}{first}");
        SipStreamFramer framer = new(SipLimits.Default);
        List<string> found = [];
        List<byte> pending = [];
        for (int at = 0; at < stream.Length; at += step)
        {
            pending.AddRange(stream[at..Math.Min(at + step, stream.Length)]);
            ReadOnlySequence<byte> buffer = new(pending.ToArray());
            SipFrame frame;
            while ((frame = framer.Read(ref buffer, out SipReading reading)) != SipFrame.None)
            {
                found.Add(frame == SipFrame.Message ? Encoding.UTF8.GetString(reading.Message!.Body.Span) : frame.ToString());
            }

            pending = [.. buffer.ToArray()];
        }

        found.ShouldBe(["hello", "Ping", "", "hello"]);
        framer.IsInside.ShouldBeFalse();
    }

    [Theory]
    [InlineData("", SipFormatFault.BodyLength)]
    [InlineData("Content-Length: 0\r\nContent-Length: 5\r\n", SipFormatFault.Repeated)]
    [InlineData("Content-Length: -1\r\n", SipFormatFault.HeaderValue)]
    [InlineData("Content-Length: 65536\r\n", SipFormatFault.TooLarge)]
    [InlineData("Content-Length: 99999999999\r\n", SipFormatFault.HeaderValue)]
    public void Without_one_right_length_the_stream_is_lost(string length, SipFormatFault fault)
    {
        ReadOnlySequence<byte> buffer = new(Encoding.UTF8.GetBytes(Message("", length)));
        new SipStreamFramer(SipLimits.Default).Read(ref buffer, out SipReading reading).ShouldBe(SipFrame.Broken);
        reading.Fault.ShouldBe(fault);
    }

    [Fact]
    public void A_fault_elsewhere_leaves_the_stream_readable()
    {
        string bad = Message("12345", "Content-Length: 5\r\nExpires: x\r\n");
        ReadOnlySequence<byte> buffer = new(Encoding.UTF8.GetBytes(bad + Message("", "l: 0\r\n")));
        SipStreamFramer framer = new(SipLimits.Default);
        framer.Read(ref buffer, out SipReading first).ShouldBe(SipFrame.Message);
        first.Fault.ShouldBe(SipFormatFault.HeaderValue);
        framer.Read(ref buffer, out SipReading second).ShouldBe(SipFrame.Message);
        second.Fault.ShouldBe(SipFormatFault.None);
    }

    [Fact]
    public void A_head_without_end_is_given_up()
    {
        ReadOnlySequence<byte> buffer = new(Encoding.UTF8.GetBytes("MESSAGE " + new string('x', 66_000)));
        new SipStreamFramer(SipLimits.Default).Read(ref buffer, out SipReading reading).ShouldBe(SipFrame.Broken);
        reading.Fault.ShouldBe(SipFormatFault.TooLarge);
    }
}

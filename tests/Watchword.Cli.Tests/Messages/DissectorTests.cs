using System.Text.RegularExpressions;
using Watchword.Cli.Messages;

namespace Watchword.Cli.Tests.Messages;

/// <summary>The Wireshark dissector beside <c>mikey decode</c>, on the same octets, in a real tshark.</summary>
public sealed partial class DissectorTests
{
    [Fact]
    public async Task Every_field_of_every_message_is_what_decode_says()
    {
        IReadOnlyList<(string Name, byte[] Octets)> messages = SampleMessages.All();
        byte[] capture = CaptureWriter.Pcap(
            messages.Select(
                m => CaptureWriter.Ethernet(CaptureWriter.Ipv4(17, CaptureWriter.Udp(CaptureWriter.Mikey(m.Octets))))));

        IReadOnlyList<IReadOnlyList<TsharkField>> seen = await Tshark.SeeAsync(capture, TestContext.Current.CancellationToken);

        seen.Count.ShouldBe(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            Compare(seen[i], messages[i].Octets, messages[i].Name);
        }
    }

    [Fact]
    public async Task It_takes_base64_bodies_and_key_mgmt_attributes_over_udp_and_tcp()
    {
        byte[] message = SampleMessages.All()[0].Octets;
        byte[] text = System.Text.Encoding.ASCII.GetBytes(
            Convert.ToBase64String(message, Base64FormattingOptions.InsertLineBreaks));
        byte[] sdp = CaptureWriter.Sip("application/sdp", CaptureWriter.Sdp(message));
        byte[] parts = CaptureWriter.Sip(
            "multipart/mixed;boundary=x1", CaptureWriter.Multipart(
                ("Content-Type: text/plain", "hello"u8.ToArray()), ("Content-Type: application/mikey", message)));
        byte[] tcp = CaptureWriter.Mikey(message);
        byte[] capture = CaptureWriter.Pcap(
        [
            Udp(CaptureWriter.Sip("application/mikey", text)),
            Udp(sdp),
            Udp(parts),
            Tcp([], 99, 2),
            Tcp(tcp[..400], 100),
            Tcp(tcp[400..], 500),
        ]);

        IReadOnlyList<IReadOnlyList<TsharkField>> seen = await Tshark.SeeAsync(capture, TestContext.Current.CancellationToken);

        seen.Count.ShouldBe(4);
        seen.ToList().ForEach(fields => Compare(fields, message, "carried otherwise"));
    }

    [Fact]
    public void The_dissector_has_the_fields_of_decode_and_no_others()
    {
        (string, string)[] declared = [.. Definition().Matches(File.ReadAllText(Tshark.Script)).Select(
            m => (m.Groups[1].Value, m.Groups[2].Value))];

        declared.ShouldBe(FieldDefinitions.All.Select(field => (field.Id, field.Name)));
    }

    private static byte[] Udp(byte[] content) => CaptureWriter.Ethernet(CaptureWriter.Ipv4(17, CaptureWriter.Udp(content)));

    private static byte[] Tcp(byte[] content, uint sequence, int flags = 0x18) =>
        CaptureWriter.Ethernet(CaptureWriter.Ipv4(6, CaptureWriter.Tcp(content, sequence, flags)));

    private static void Compare(IReadOnlyList<TsharkField> seen, byte[] message, string name)
    {
        DecodedMessage decoded = MessageDissector.Dissect(message, KeyedDomain.T);
        // Wireshark shows no field of no octets.
        List<TsharkField> said =
        [
            .. decoded.Payloads.SelectMany(payload => payload.Fields).Where(field => field.Length > 0)
                .Select(field => new TsharkField(field.Definition.Id, field.Offset, field.Length, field.Value)),
        ];
        seen.Select(f => f.Id).ShouldBe(said.Select(f => f.Id), name);
        seen.ShouldBe(said, name);
    }

    [GeneratedRegex("""^  \{ "([a-z0-9_.]+)", "([^"]+)", "[a-z0-9]+" \},$""", RegexOptions.Multiline)]
    private static partial Regex Definition();
}

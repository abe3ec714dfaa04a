using System.Text;
using System.Text.Json;

namespace Watchword.Sip.Tests;

/// <summary>Messages of tests/vectors/sip/messages.json: what must be read and how, what must be refused and why.</summary>
public sealed class MessageVectorTests
{
    private static readonly JsonElement _messages = Vectors.Read("messages.json").GetProperty("messages");

    public static TheoryData<string> Valid() => Of("valid");

    public static TheoryData<string> Invalid() => Of("invalid");

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_valid_message_is_read_and_written_to_the_same(string id)
    {
        JsonElement vector = Find(id);
        SipReading reading = Read(vector);
        reading.Fault.ShouldBe(SipFormatFault.None);
        SipMessage message = reading.Message!;
        foreach (JsonProperty expected in vector.GetProperty("expect").EnumerateObject())
        {
            Actual(message, expected.Name).ShouldBe(
                expected.Value.ValueKind == JsonValueKind.Array
                    ? string.Join(" | ", expected.Value.EnumerateArray().Select(e => e.GetString()))
                    : expected.Value.ToString());
        }

        byte[] written = message.ToArray();
        SipMessage again = SipMessage.Parse(written);
        again.Headers.ShouldBe(message.Headers);
        again.Body.ToArray().ShouldBe(message.Body.ToArray());
        again.StartLine().ShouldBe(message.StartLine());
        again.ToArray().ShouldBe(written);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_message_is_refused_with_its_fault(string id)
    {
        JsonElement vector = Find(id);
        SipReading reading = Read(vector);

        reading.Fault.ToString().ShouldBe(vector.GetProperty("fault").GetString());
        SipMessage.TryParse(Octets(vector), out _).ShouldBeFalse();
        SipFormatException thrown = Should.Throw<SipFormatException>(() => SipMessage.Parse(Octets(vector)));
        thrown.Fault.ShouldBe(reading.Fault);
        thrown.Offset.ShouldBeInRange(0, Octets(vector).Length);
    }

    [Fact]
    public void The_offset_points_at_the_field_at_fault()
    {
        byte[] octets = Octets(Find("quote-open"));
        SipFormatException thrown = Should.Throw<SipFormatException>(() => SipMessage.Parse(octets));
        Encoding.UTF8.GetString(octets.AsSpan(0, thrown.Offset)).ShouldContain("From:");
        Encoding.UTF8.GetString(octets.AsSpan(thrown.Offset)).ShouldContain("Call-ID:");
        thrown.Message.ShouldNotContain("User");
    }

    private static TheoryData<string> Of(string result) =>
        [.. _messages.EnumerateArray().Where(v => v.GetProperty("result").GetString() == result)
            .Select(v => v.GetProperty("id").GetString()!)];

    private static JsonElement Find(string id) => _messages.EnumerateArray().Single(v => v.GetProperty("id").GetString() == id);

    private static byte[] Octets(JsonElement vector) => vector.TryGetProperty("messageHex", out JsonElement hex)
        ? Convert.FromHexString(hex.GetString()!)
        : Encoding.UTF8.GetBytes(vector.GetProperty("message").GetString()!);

    private static SipReading Read(JsonElement vector)
    {
        bool datagram = vector.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == "datagram");
        return SipMessageReader.Read(Octets(vector), SipLimits.Default, datagram ? SipFraming.Datagram : SipFraming.Exact);
    }

    private static string? Actual(SipMessage message, string name) => name switch
    {
        "method" => (message as SipRequest)?.Method,
        "requestUri" => (message as SipRequest)?.RequestUri.ToString(),
        "status" => (message as SipResponse)?.StatusCode.ToString(null, null),
        "body" => Encoding.UTF8.GetString(message.Body.Span),
        "From" => message.Headers.From?.ToString(),
        "To" => message.Headers.To?.ToString(),
        "CSeq" => message.Headers.CSeq?.ToString(),
        "Via" => string.Join(" | ", message.Headers.Via),
        "Contact" => string.Join(" | ", message.Headers.Contact),
        _ => message.Headers[name],
    };
}

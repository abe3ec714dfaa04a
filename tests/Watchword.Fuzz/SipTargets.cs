using System.Buffers;
using System.Text;
using Watchword.Sip;

namespace Watchword.Fuzz;

/// <summary>
/// What anybody may send to a SIP port: as one message, as a datagram and as a stream. What is read is written to something that
/// reads the same, none of its typed fields throws, and its body and event state end in the one exception at most.
/// </summary>
internal sealed class SipMessageTarget : IFuzzTarget
{
    private static readonly EventStateRules _rules = new() { EventPackages = ["poc-settings", "xcap-diff"],
        MediaTypes = ["application/xcap-diff+xml"] };

    public string Name => "sip-message";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), "\r\n "u8.ToArray(), "\n"u8.ToArray(), " SIP/2.0\r\n"u8.ToArray(),
        "SIP/2.0 200 OK\r\n"u8.ToArray(), "Content-Length: 0\r\n"u8.ToArray(), "l: 99999\r\n"u8.ToArray(),
        "Content-Length: -1\r\n"u8.ToArray(), "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"u8.ToArray(),
        "v: SIP / 2.0 / TCP [::1]:1;rport,"u8.ToArray(), "Contact: *\r\n"u8.ToArray(), "m: <sip:a@b>;q=0.1\r\n"u8.ToArray(),
        "Event: xcap-diff;id=1\r\n"u8.ToArray(), "Subscription-State: active;expires=1\r\n"u8.ToArray(),
        "P-Asserted-Identity: <tel:+1>, <sip:a@b>\r\n"u8.ToArray(), "Expires: 4294967296\r\n"u8.ToArray(),
        "Warning: 399 a \"b\"\r\n"u8.ToArray(), "Content-Type: multipart/mixed;boundary=x1\r\n"u8.ToArray(),
        "--x1\r\n"u8.ToArray(), "--x1--"u8.ToArray(), "Content-Transfer-Encoding: base64\r\n"u8.ToArray(),
        "Content-Type: message/rfc822\r\n"u8.ToArray(), ";tag="u8.ToArray(), "\"\\\"\" <"u8.ToArray(), [0xC3, 0xA9],
        [0xC0, 0x80], [0xED, 0xA0, 0x80], [0],
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        ReadOnlySpan<byte> octets = input.Span;
        string streamed = ReadStream(input);
        SipReading datagram = SipMessageReader.Read(octets, SipLimits.Default, SipFraming.Datagram);
        FuzzTargets.Require(datagram.Fault != SipFormatFault.None || datagram.Message is not null, "no message, no success");
        SipMessage message;
        try
        {
            message = SipMessage.Parse(octets);
        }
        catch (SipFormatException e)
        {
            FuzzTargets.Require(e.Offset >= 0 && e.Offset <= octets.Length, "the place of a fault lies in the message");
            FuzzTargets.Require(!SipMessage.TryParse(octets, out _), "both ways of reading agree");
            return $"{e.Fault} {streamed}";
        }

        FuzzTargets.Require(datagram.Fault == SipFormatFault.None, "one message is a datagram");
        byte[] written = message.ToArray();
        SipMessage again = SipMessage.Parse(written, new SipLimits { MaxLine = 16_384, MaxMessage = 131_072 });
        FuzzTargets.Require(again.ToArray().AsSpan().SequenceEqual(written), "a message is written the same after reading back");
        FuzzTargets.Require(again.Headers.SequenceEqual(message.Headers), "the fields stay as they were");
        ReadFields(message.Headers);
        return $"{message.GetType().Name} {ReadBody(message)} {ReadEvent(message)} {streamed}";
    }

    private static string ReadStream(ReadOnlyMemory<byte> input)
    {
        SipStreamFramer framer = new(SipLimits.Default);
        ReadOnlySequence<byte> buffer = new(input);
        for (int count = 0; ; count++)
        {
            long before = buffer.Length;
            SipFrame frame = framer.Read(ref buffer, out SipReading reading);
            if (frame is SipFrame.None or SipFrame.Broken)
            {
                return $"{frame}{Math.Min(count, 3)}{reading.Fault}";
            }

            FuzzTargets.Require(buffer.Length < before, "a frame takes something off the stream");
        }
    }

    private static void ReadFields(SipHeaders headers)
    {
        _ = (headers.Via, headers.From, headers.To, headers.CSeq, headers.MaxForwards, headers.Contact, headers.Route,
            headers.RecordRoute);
        _ = (headers.ServiceRoute, headers.Path, headers.Expires, headers.MinExpires, headers.Event, headers.AssertedIdentity,
            headers.PreferredIdentity);
        _ = (headers.PreferredService, headers.AssertedService, headers.Accept, headers.AcceptContact, headers.ContentType,
            headers.Warning);
        _ = (headers.RetryAfter, headers.Allow, headers.AllowEvents, headers.SubscriptionState, headers.Require,
            headers.ProxyRequire);
        _ = (headers.Supported, headers.Unsupported);
    }

    private static string ReadBody(SipMessage message)
    {
        if (!SipBody.TryRead(message, out IReadOnlyList<SipBodyPart> parts))
        {
            return "no body";
        }

        foreach (SipBodyPart part in parts.Where(p => p.ContentType.Is("message/sip")))
        {
            _ = SipMessage.TryParse(part.Content.Span, out _);
        }

        return $"{Math.Min(parts.Count, 4)}";
    }

    private static string ReadEvent(SipMessage message)
    {
        if (message is not SipRequest request)
        {
            return "";
        }

        string word = Publication.TryRead(request, _rules, out Publication? publication, out SipRefusal? refusal)
            ? $"{publication.Kind}" : $"{refusal.CreateResponse(request).StatusCode}";
        if (SubscriptionRequest.TryRead(request, _rules, out SubscriptionRequest? subscription, out refusal))
        {
            SubscriptionDialog dialog = SubscriptionDialog.Create(subscription, request.RequestUri, "t",
                DateTimeOffset.UnixEpoch);
            (SipRequest notify, _) = dialog.CreateNotify(DateTimeOffset.UnixEpoch);
            notify.Headers.AddFirst(SipHeaderNames.Via, "SIP/2.0/UDP h;branch=z9hG4bK1");
            SipRequest read = SipRequest.Parse(notify.ToArray(),
                new SipLimits { MaxLine = 65_536, MaxMessage = 262_144, MaxHeaders = 10_000 });
            FuzzTargets.Require(dialog.Dialog.CallId == read.Headers.CallId, "a NOTIFY belongs to its dialog");
            return word + " subscribed";
        }

        return $"{word} {refusal.StatusCode}";
    }
}

/// <summary>A URI of anybody.</summary>
internal sealed class SipUriTarget : IFuzzTarget
{
    private static readonly SipUri _other = SipUri.Parse("sip:alice@example.org;transport=tcp");

    public string Name => "sip-uri";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "sip:"u8.ToArray(), "sips:"u8.ToArray(), "tel:+"u8.ToArray(), "urn:"u8.ToArray(), ";phone-context="u8.ToArray(),
        "@"u8.ToArray(), "%40"u8.ToArray(), "%00"u8.ToArray(), "[::1]"u8.ToArray(), ":65535"u8.ToArray(), ";lr"u8.ToArray(),
        ";transport=tcp"u8.ToArray(), "?a=b&c="u8.ToArray(), "example.org"u8.ToArray(), "1.2.3.4"u8.ToArray(),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.Latin1.GetString(input.Span);
        if (!SipUri.TryParse(text, out SipUri? uri))
        {
            return "refused";
        }

        SipUri again = SipUri.Parse(uri.ToString());
        FuzzTargets.Require(again.Equals(uri) && again.GetHashCode() == uri.GetHashCode(), "a URI reads back as it was written");
        // A port may have zeros in front, which say nothing.
        bool isWhole = string.Equals(uri.ToString(), text, StringComparison.OrdinalIgnoreCase);
        FuzzTargets.Require(isWhole || text.Contains(":0", StringComparison.Ordinal), "nothing of a URI is lost");
        FuzzTargets.Require(uri.IsEquivalentTo(again), "a URI is equivalent to itself");
        FuzzTargets.Require(uri.IsEquivalentTo(_other) == _other.IsEquivalentTo(uri), "equivalence has no direction");
        SipAddress address = SipAddress.Parse(new SipAddress(uri).WithTag("t").ToString());
        FuzzTargets.Require(address.Uri.Equals(uri) && address.Tag == "t", "a URI stays whole in an address");
        string scheme = uri.IsSip || uri.IsTel ? uri.Scheme : "other";
        return $"{scheme} {uri.User is not null} {uri.Port is not null} {Math.Min(uri.Parameters.Count, 3)} "
            + $"{uri.Headers is not null}";
    }
}

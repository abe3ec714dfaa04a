using CsCheck;

namespace Watchword.Sip.Tests;

/// <summary>
/// Laws: what is written is read as the same, and whatever is read is written to something that reads as the same.
/// </summary>
public sealed class RoundTripTests
{
    private const string TokenChars = "abcXYZ019-.!%*_+`'~";

    private static Gen<string> Pick(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<string> _token = Gen.Char[TokenChars].Array[1, 12].Select(c => new string(c));

    private static readonly Gen<string> _text = Gen.Char["abc \"\\,;<>()@éя=\t"].Array[0, 20].Select(c => new string(c));

    private static readonly Gen<string> _user = Gen.Char["abc019-_.!~*'()&=+$,;?/"].Array[1, 10].Select(c => new string(c));

    private static readonly Gen<SipParameters> _parameters = Gen.Select(_token, _text.Null(), Gen.Bool).Array[0,
        4].Select(items =>
        items.Aggregate(SipParameters.Empty, (all, item) => all.With(item.Item1, item.Item2, item.Item3)));

    private static readonly Gen<SipUri> _uri = Gen.Select(
        Pick("sip", "sips"), _user.Null(), Pick("example.org", "10.0.0.1", "[2001:db8::1]", "a"), Gen.Int[0, 65535],
        Pick("", ";lr", ";transport=tcp;x=%41", "?a=b&c="),
        (scheme, user, host, port, rest) =>
            SipUri.Parse($"{scheme}:{(user is null ? "" : user + "@")}{host}{(port == 0 ? "" : $":{port}")}{rest}"));

    private static readonly Gen<SipAddress> _address = Gen.Select(_uri, _text.Null(), _parameters,
        (uri, name, parameters) => new SipAddress(uri, name, parameters.Without("tag")));

    [Fact]
    public void An_address_reads_back() => _address.Sample(address =>
    {
        SipAddress again = SipAddress.Parse(address.ToString());
        again.ToString().ShouldBe(address.ToString());
        again.Uri.ShouldBe(address.Uri);
        again.DisplayName.ShouldBe(address.DisplayName);
        again.Parameters.Select(p => (p.Name, p.Value)).ShouldBe(address.Parameters.Select(p => (p.Name, p.Value)));
    });

    [Fact]
    public void A_list_of_addresses_reads_back_from_one_field_and_from_several() => _address.Array[1, 5].Sample(addresses =>
    {
        string[] texts = [.. addresses.Select(a => a.ToString())];
        SipHeaders one = new() { { "Route", string.Join(", ", texts) } };
        SipHeaders several = [];
        Array.ForEach(texts, text => several.Add("Route", text));
        one.Route.Select(r => r.ToString()).ShouldBe(texts);
        several.Route.Select(r => r.ToString()).ShouldBe(texts);
    });

    [Fact]
    public void A_request_reads_back() =>
        Gen.Select(_token, _uri, _address, _address, _text, Gen.Byte.Array[0, 300], (method, uri, from, to, text, body) =>
        {
            SipRequest request = new(method, uri.Headers is null ? uri : uri.WithParameters(SipParameters.Empty)) { Body = body };
            request.Headers.Add("Via", "SIP/2.0/UDP h;branch=z9hG4bK1");
            request.Headers.Add("From", from.WithTag("t").ToString());
            request.Headers.Add("To", to.ToString());
            request.Headers.Add("Call-ID", SipTokens.CallId());
            request.Headers.Add("CSeq", $"5 {method}");
            request.Headers.Add("X-Text", text);
            return request;
        }).Sample(request =>
        {
            SipRequest again = SipRequest.Parse(request.ToArray());
            again.StartLine().ShouldBe(request.StartLine());
            again.Headers.ShouldBe(request.Headers);
            again.Body.ToArray().ShouldBe(request.Body.ToArray());
            again.ToArray().ShouldBe(request.ToArray());
        });

    [Fact]
    public void A_damaged_message_is_read_the_same_again_or_refused()
    {
        byte[] whole = SipRequest.Create("PUBLISH", Stacks.Psi, Stacks.Alice, Stacks.Alice).ToArray();
        SipRequest request = SipRequest.Create("PUBLISH", Stacks.Psi, Stacks.Alice, Stacks.Alice);
        request.Headers.AddFirst("Via", "SIP/2.0/UDP h:5060;branch=z9hG4bK1;rport");
        request.Headers.Add("Event", "poc-settings");
        whole = request.ToArray();
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]).Sample((at, value, length) =>
        {
            byte[] damaged = [.. whole];
            damaged[at] = value;
            byte[] octets = damaged[..Math.Max(length, at)];
            if (SipMessage.TryParse(octets, out SipMessage? message))
            {
                byte[] written = message.ToArray();
                SipMessage.Parse(written).ToArray().ShouldBe(written);
            }
        });
    }
}

using System.Text.Json;

namespace Watchword.Sip.Tests;

/// <summary>URIs of tests/vectors/sip/uris.json.</summary>
public sealed class UriTests
{
    private static readonly JsonElement _uris = Vectors.Read("uris.json");

    public static TheoryData<string, string> Valid() => Pairs("valid");

    public static TheoryData<string> Invalid() => [.. _uris.GetProperty("invalid").EnumerateArray().Select(e => e.GetString()!)];

    public static TheoryData<string, string> Equivalent() => Pairs("equivalent");

    public static TheoryData<string, string> Different() => Pairs("different");

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_uri_is_read_and_written(string text, string canonical)
    {
        SipUri uri = SipUri.Parse(text);
        uri.ToString().ShouldBe(canonical);
        SipUri.Parse(canonical).ShouldBe(uri);
        uri.IsEquivalentTo(SipUri.Parse(canonical)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_is_no_uri_is_refused(string text)
    {
        SipUri.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<SipFormatException>(() => SipUri.Parse(text)).Offset.ShouldBeInRange(0, text.Length);
    }

    [Theory]
    [MemberData(nameof(Equivalent))]
    public void Equivalent_uris_are_found_both_ways(string a, string b)
    {
        SipUri.Parse(a).IsEquivalentTo(SipUri.Parse(b)).ShouldBeTrue();
        SipUri.Parse(b).IsEquivalentTo(SipUri.Parse(a)).ShouldBeTrue();
        SipUri.Parse(a).Equals(SipUri.Parse(b)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void Different_uris_stay_so(string a, string b)
    {
        SipUri.Parse(a).IsEquivalentTo(SipUri.Parse(b)).ShouldBeFalse();
        SipUri.Parse(b).IsEquivalentTo(SipUri.Parse(a)).ShouldBeFalse();
    }

    [Fact]
    public void The_parts_are_there()
    {
        SipUri uri = SipUri.Parse("sip:alice:pw@[::1]:5070;transport=tcp;lr?subject=x");
        (uri.User, uri.Password, uri.Host, uri.Port, uri.Headers).ShouldBe(("alice", "pw", "[::1]", 5070, "subject=x"));
        uri.Parameters["TRANSPORT"].ShouldBe("tcp");
        uri.Parameters["lr"].ShouldBe("");
        uri.Parameters["maddr"].ShouldBeNull();
        uri.WithParameters(SipParameters.Empty.With("lr", null)).ToString().ShouldBe("sip:alice:pw@[::1]:5070;lr");
        SipUri.Parse("tel:+358-50;x=y").Rest.ShouldBe("+358-50");
    }

    private static TheoryData<string, string> Pairs(string name)
    {
        TheoryData<string, string> data = [];
        foreach (JsonElement row in _uris.GetProperty(name).EnumerateArray())
        {
            data.Add(row[0].GetString()!, row[row.GetArrayLength() - 1].GetString()!);
        }

        return data;
    }
}

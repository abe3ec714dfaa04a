using System.Text;
using System.Xml;
using Watchword.McServices.Info;

namespace Watchword.McServices.Tests.Info;

public sealed class McInfoTests
{
    private const string Token = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
    private const string Client = "urn:uuid:5b0a1d3c-0000-4000-8000-000000000001";

    [Fact]
    public void Info_bodies_are_read_and_written() => DocumentVector.Check(
        "mc_info.json", octets => McInfo.Parse(octets), info => info.Write(), Project);

    [Theory]
    [InlineData(McServiceKind.Mcptt)]
    [InlineData(McServiceKind.McVideo)]
    [InlineData(McServiceKind.McData)]
    public void What_is_written_is_read(McServiceKind kind)
    {
        McServiceNames service = McServiceNames.Of(kind);
        McInfo info = Made(service);
        McInfo read = McInfo.Parse(info.Write(), service);
        read.Service.ShouldBe(service);
        read.AccessToken!.Value.ShouldBe(Token);
        read.ClientId!.Value.ShouldBe(Client);
        read.RequestUri!.Value.ShouldBe("sip:alice@mc.example.org");
        read.MultipleDevices!.AsBoolean().ShouldBe(true);
        read.HasEncryptedValues.ShouldBeFalse();
        read.Write().ShouldBe(info.Write());
    }

    [Theory]
    [InlineData(McServiceKind.Mcptt)]
    [InlineData(McServiceKind.McVideo)]
    [InlineData(McServiceKind.McData)]
    public void A_client_protects_a_body_and_the_server_reads_it(McServiceKind kind)
    {
        McServiceNames service = McServiceNames.Of(kind);
        using SignallingConfidentialityKey cipher = Samples.CipherKey();
        using SignallingIntegrityKey mac = Samples.MacKey();

        byte[] body = Made(service).WriteEncrypted(cipher);
        byte[] signatures = BodySignatures.Sign(new Dictionary<string, ReadOnlyMemory<byte>> { [Samples.InfoId] = body }, mac);

        Samples.Text(body).ShouldNotContain(Token);
        Samples.Text(body).ShouldNotContain(Client);
        McInfo seen = McInfo.Parse(body);
        seen.AccessToken!.IsEncrypted.ShouldBeTrue();
        seen.ClientId!.IsEncrypted.ShouldBeTrue();
        seen.MultipleDevices!.IsEncrypted.ShouldBeFalse();
        seen.HasEncryptedValues.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => seen.AccessToken.Value);

        // The server has the two bodies and the keys of the CSK.
        BodySignatures parsed = BodySignatures.Parse(signatures);
        parsed.TryVerify(new Dictionary<string, ReadOnlyMemory<byte>> { [Samples.InfoId] = body }, mac,
            out IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? verified, out _).ShouldBeTrue();
        McInfo.TryDecrypt(verified[Samples.InfoId], cipher, out McInfo? info, service).ShouldBeTrue();
        info.AccessToken!.Value.ShouldBe(Token);
        info.ClientId!.Value.ShouldBe(Client);
        info.HasEncryptedValues.ShouldBeFalse();
    }

    [Fact]
    public void A_body_written_again_still_holds_what_is_encrypted()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        byte[] again = McInfo.Parse(Made(McServiceNames.Mcptt).WriteEncrypted(key)).Write();
        McInfo.TryDecrypt(again, key, out McInfo? info).ShouldBeTrue();
        info.AccessToken!.Value.ShouldBe(Token);
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey(), other = Samples.CipherKey(other: true);
        McInfo.TryDecrypt(Made(McServiceNames.Mcptt).WriteEncrypted(key), other, out McInfo? info).ShouldBeFalse();
        info.ShouldBeNull();
    }

    [Fact]
    public void A_body_in_clear_is_taken_without_decryption()
    {
        using SignallingConfidentialityKey key = Samples.CipherKey();
        McInfo.TryDecrypt(Made(McServiceNames.McData).Write(), key, out McInfo? info).ShouldBeTrue();
        info.AccessToken!.Value.ShouldBe(Token);
    }

    [Fact]
    public void Parameters_are_written_in_the_order_of_the_schema_and_unknown_ones_behind()
    {
        byte[] body = Samples.Octets("<mcpttinfo xmlns='urn:3gpp:ns:mcpttInfo:1.0'><mcptt-Params>"
            + "<anyExt><a/></anyExt><x:y xmlns:x='urn:x'/><later/><session-type>chat</session-type>"
            + "<mcptt-client-id type='Normal'><mcpttString>urn:uuid:1</mcpttString></mcptt-client-id>"
            + "<mcptt-access-token type='Normal'><mcpttString>t</mcpttString></mcptt-access-token>"
            + "</mcptt-Params></mcpttinfo>");
        Names(McInfo.Parse(body).Write()).ShouldBe(
            ["mcptt-access-token", "session-type", "mcptt-client-id", "y", "later", "anyExt"]);
    }

    [Fact]
    public void What_is_kept_stays_the_same_however_often_it_is_written()
    {
        byte[] once = McInfo.Parse(Samples.Octets(
            "<mcpttinfo xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\"><mcptt-Params>"
            + "<v:other xmlns:v=\"urn:vendor\">xmlns:x</v:other></mcptt-Params></mcpttinfo>")).Write();
        Encoding.UTF8.GetString(McInfo.Parse(once).Write()).ShouldBe(Encoding.UTF8.GetString(once));
    }

    [Fact]
    public void Neither_body_nor_value_prints_what_it_holds()
    {
        McInfo info = Made(McServiceNames.Mcptt);
        $"{info} {info.AccessToken}".ShouldBe("McInfo McInfoValue");
    }

    [Fact]
    public void A_body_of_another_service_is_refused_where_one_is_asked_for() => Should
        .Throw<McServicesFormatException>(() => McInfo.Parse(Made(McServiceNames.McVideo).Write(), McServiceNames.Mcptt))
        .Fault.ShouldBe(McServicesFormatFault.UnexpectedRoot);

    [Fact]
    public void Values_that_say_nothing_are_refused()
    {
        Should.Throw<ArgumentException>(() => McInfoValue.FromUri(""));
        Should.Throw<ArgumentException>(() => McInfoValue.FromUri("sip:a b"));
        Should.Throw<ArgumentException>(() => McInfoValue.FromText(" "));
        Should.Throw<ArgumentException>(() =>
            new McInfo(McServiceNames.Mcptt) { ClientId = McInfoValue.FromText("a\u0001b") }.Write());
    }

    [Fact]
    public void The_names_of_a_service_are_found_by_what_stands_in_a_message()
    {
        McServiceNames.OfInfoMediaType("Application/vnd.3gpp.mcvideo-info+xml; charset=utf-8").ShouldBe(McServiceNames.McVideo);
        McServiceNames.OfInfoMediaType("application/xml").ShouldBeNull();
        McServiceNames.OfIcsi("urn:urn-7:3gpp-service.ims.icsi.mcdata.sds").ShouldBe(McServiceNames.McData);
        McServiceNames.OfIcsi("urn:urn-7:3gpp-service.ims.icsi.mcptt").ShouldBe(McServiceNames.Mcptt);
        McServiceNames.OfIcsi("urn:urn-7:3gpp-service.ims.icsi.mmtel").ShouldBeNull();
        McServiceNames.OfFeatureTag("g.3gpp.mcdata.ipconn").ShouldBe(McServiceNames.McData);
        McServiceNames.OfFeatureTag("+g.3gpp.mcptt").ShouldBe(McServiceNames.Mcptt);
        McServiceNames.OfFeatureTag("+g.3gpp.mcdata").ShouldBeNull();
        McServiceNames.Mcptt.IcsiReference.ShouldBe("urn%3Aurn-7%3A3gpp-service.ims.icsi.mcptt");
        Should.Throw<ArgumentOutOfRangeException>(() => McServiceNames.Of((McServiceKind)3));
    }

    private static McInfo Made(McServiceNames service) => new(service)
    {
        AccessToken = McInfoValue.FromText(Token),
        ClientId = McInfoValue.FromText(Client),
        RequestUri = McInfoValue.FromUri("sip:alice@mc.example.org"),
        MultipleDevices = McInfoValue.FromBoolean(true),
    };

    private static Dictionary<string, object?> Project(McInfo info) => new()
    {
        ["service"] = info.Service.Name,
        ["token"] = Text(info.AccessToken),
        ["client"] = Text(info.ClientId),
        ["request"] = Text(info.RequestUri),
        ["user"] = Text(info.CallingUserId),
        ["group"] = Text(info.CallingGroupId),
        ["devices"] = info.MultipleDevices?.AsBoolean(),
        ["others"] = info.OtherParameters.Select(other => other.Name.ToString()).Order(StringComparer.Ordinal),
        ["beside"] = info.OtherElements.Select(other => other.Name.ToString()),
    };

    private static string? Text(McInfoValue? value) => value is { IsEncrypted: true } ? "(encrypted)" : value?.Value;

    private static IEnumerable<string> Names(byte[] body)
    {
        XmlDocument loaded = new() { XmlResolver = null };
        loaded.LoadXml(Samples.Text(body));
        return loaded.DocumentElement!.FirstChild!.ChildNodes.OfType<XmlElement>().Select(element => element.LocalName);
    }
}

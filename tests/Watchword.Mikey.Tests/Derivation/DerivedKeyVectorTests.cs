using System.Text.Json;

namespace Watchword.Mikey.Tests.Derivation;

public sealed class DerivedKeyVectorTests
{
    private static readonly JsonElement _file = VectorFile.Load("mikey", "derived_keys.json");

    public static TheoryData<int> Outputs => Ids("prf");

    public static TheoryData<int> Salts => Ids("user_salts");

    public static TheoryData<int> Signalling => Ids("signalling_keys");

    public static TheoryData<int> Contexts => Ids("srtp_contexts");

    [Theory]
    [MemberData(nameof(Outputs))]
    public void The_PRF_gives_the_outputs_of_the_vectors(int id)
    {
        JsonElement test = Test("prf", id);
        byte[] output = new byte[test.Hex("output").Length];
        MikeyPrf.Derive(test.Hex("key"), test.Hex("label"), output);
        output.ShouldBe(test.Hex("output"));
    }

    [Theory]
    [MemberData(nameof(Salts))]
    public void User_salts_and_identifiers_are_those_of_the_vectors(int id)
    {
        JsonElement test = Test("user_salts", id);
        UserKeyId.Salt(test.Hex("key"), test.Text("user_uri")).ShouldBe(test.Id("salt"));
        uint userKeyId = UserKeyId.Of(test.Id("key_id"), test.Hex("key"), test.Text("user_uri"));
        userKeyId.ShouldBe(test.Id("user_key_id"));
        UserKeyId.Apply(userKeyId, test.Id("salt")).ShouldBe(test.Id("key_id"));
    }

    [Theory]
    [MemberData(nameof(Signalling))]
    public void Signalling_keys_are_those_of_the_vectors(int id)
    {
        JsonElement test = Test("signalling_keys", id);
        XpkIdForm form = Enum.Parse<XpkIdForm>(test.Text("form"), ignoreCase: true);
        using SignallingKeys keys = SignallingKeys.Derive(test.Hex("xpk"), test.Id("xpk_id"), test.Text("user_uri"), form);
        byte[] confidentiality = new byte[16], integrity = new byte[16];
        keys.ExportConfidentialityKey(confidentiality);
        keys.ExportIntegrityKey(integrity);
        confidentiality.ShouldBe(test.Hex("confidentiality"));
        integrity.ShouldBe(test.Hex("integrity"));
        keys.XpkId.ShouldBe(test.Id("xpk_id"));
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Contexts_are_those_of_the_vectors(int id)
    {
        JsonElement test = Test("srtp_contexts", id);
        McCryptoSession session = (McCryptoSession)test.Number("cs_id");
        using SrtpContext context = test.Text("kind") switch
        {
            "private" => SrtpContext.ForPrivateCall(test.Hex("key"), test.Id("key_id"), session, test.Hex("rand")),
            "unicast" => SrtpContext.ForUnicastControl(test.Hex("key"), test.Id("key_id"), session, test.Hex("rand")),
            "multicast" => SrtpContext.ForMulticastControl(test.Hex("key"), test.Id("key_id"), session, test.Hex("rand")),
            _ => SrtpContext.ForGroup(
                test.Hex("key"), test.Id("key_id"), test.Id("guk_id"), session, test.Hex("rand"),
                test.Text("mki_form") == "both" ? GroupMkiForm.GmkIdAndGukId : GroupMkiForm.GukId),
        };
        byte[] key = new byte[16], salt = new byte[12];
        context.ExportMasterKey(key);
        context.ExportMasterSalt(salt);
        key.ShouldBe(test.Hex("master_key"));
        salt.ShouldBe(test.Hex("master_salt"));
        context.Mki.ToArray().ShouldBe(test.Hex("mki"));
        context.Session.ShouldBe(session);
        context.RolloverCounterRate.ShouldBe(test.Text("kind") == "group" ? 1 : 0);
    }

    private static TheoryData<int> Ids(string list) =>
        [.. _file.GetProperty(list).EnumerateArray().Select(test => test.Number("id"))];

    private static JsonElement Test(string list, int id) =>
        _file.GetProperty(list).EnumerateArray().Single(test => test.Number("id") == id);
}

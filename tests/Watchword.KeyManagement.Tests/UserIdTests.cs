using System.Text.Json;
using CsCheck;

namespace Watchword.KeyManagement.Tests;

public sealed class UserIdTests
{
    private const string File = "uid/ts33180_f2.json";

    public static TheoryData<long> Derivations => Ids("derivations");

    public static TheoryData<long> Texts => Ids("texts");

    public static TheoryData<long> Wrong => Ids("wrong");

    [Theory]
    [MemberData(nameof(Derivations))]
    public void A_uid_is_the_hash_of_its_octets(long id)
    {
        JsonElement vector = Vector("derivations", id);
        Convert.ToHexString(Input(vector)).ShouldBe(vector.Text("input").ToUpperInvariant());
        Compute(vector).ToHex().ShouldBe(vector.Text("uid").ToUpperInvariant());
    }

    [Fact]
    public void The_example_of_the_specification_is_among_the_vectors() =>
        Vectors.Read(File, "derivations").Count(v => v.GetProperty("flags").GetRawText().Contains("official", StringComparison.Ordinal)).ShouldBe(1);

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Text_and_fixed_lengths_are_not_what_is_hashed(long id)
    {
        JsonElement vector = Vector("wrong", id);
        UserId right = Compute(Vector("derivations", vector.Number("derivation")));
        UserId.TryParse(vector.Text("uid"), out UserId? wrong).ShouldBeTrue();
        right.ShouldNotBe(wrong);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_uid_is_read_by_its_length(long id)
    {
        JsonElement vector = Vector("texts", id);
        bool valid = vector.Text("result") == "valid";
        UserId.TryParse(vector.Text("text"), out UserId? read).ShouldBe(valid);
        if (valid)
        {
            read.ShouldBe(Compute(Vector("derivations", 1)));
        }
        else
        {
            read.ShouldBeNull();
        }
    }

    [Fact]
    public void No_text_is_no_uid() => UserId.TryParse(null, out _).ShouldBeFalse();

    [Fact]
    public void Both_spellings_give_the_uid_back() =>
        Gen.Byte.Array[UserId.SizeInBytes].Sample(octets =>
        {
            UserId userId = UserId.FromOctets(octets);
            return UserId.TryParse(userId.ToBase64(), out UserId? a) && UserId.TryParse(userId.ToHex(), out UserId? b)
                && UserId.TryParse(userId.ToHex().ToLowerInvariant(), out UserId? c)
                && a.Equals(userId) && b.Equals(userId) && c.Equals(userId) && a.GetHashCode() == userId.GetHashCode()
                && userId.Octets.SequenceEqual(octets);
        });

    [Theory]
    [InlineData("sip:User@example.org")]
    [InlineData("sip:user@example.org.")]
    [InlineData("user@example.org")]
    [InlineData("sip:user@example.org:5060")]
    public void Another_spelling_of_a_uri_is_another_user(string other)
    {
        KeyPeriodSchedule schedule = new(2592000, 0);
        UserId.Compute(other, "kms.example.org", schedule, 1388)
            .ShouldNotBe(UserId.Compute("sip:user@example.org", "kms.example.org", schedule, 1388));
    }

    [Fact]
    public void What_has_no_octets_has_no_uid()
    {
        KeyPeriodSchedule schedule = new(2592000, 0);
        Should.Throw<ArgumentException>(() => UserId.Compute("", "k", schedule, 1));
        Should.Throw<ArgumentException>(() => UserId.Compute("u", "", schedule, 1));
        Should.Throw<ArgumentException>(() => UserId.Compute("sip:\ud800", "k", schedule, 1));
        Should.Throw<ArgumentException>(() => UserId.Compute(new string('a', 65536), "k", schedule, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => UserId.Compute("u", "k", schedule, -1));
        UserId.Compute(new string('a', 65535), "k", schedule, 1).Octets.Length.ShouldBe(UserId.SizeInBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_uid_has_32_octets(int length) =>
        Should.Throw<ArgumentException>(() => UserId.FromOctets(new byte[length]));

    private static TheoryData<long> Ids(string list) => [.. Vectors.Read(File, list).Select(v => v.Number("id"))];

    private static JsonElement Vector(string list, long id) => Vectors.Read(File, list).Single(v => v.Number("id") == id);

    private static KeyPeriodSchedule Schedule(JsonElement vector) => new(vector.Number("period"), vector.Number("offset"));

    private static byte[] Input(JsonElement vector) =>
        UserId.EncodeInput(vector.Text("userUri"), vector.Text("kmsUri"), Schedule(vector), vector.Number("number"));

    private static UserId Compute(JsonElement vector) =>
        UserId.Compute(vector.Text("userUri"), vector.Text("kmsUri"), Schedule(vector), vector.Number("number"));
}

using System.Text.Json;
using CsCheck;

namespace Watchword.KeyManagement.Tests;

public sealed class AnnexDPathsTests
{
    public static TheoryData<string> Paths => [.. Vectors.Read("annexd/paths.json", "paths").Select(v => v.Text("path"))];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_is_split_while_escaped_and_decoded_once(string path)
    {
        JsonElement vector = Vectors.Read("annexd/paths.json", "paths").Single(v => v.Text("path") == path);
        bool valid = vector.TryGetProperty("operation", out JsonElement operation);
        AnnexDPaths.TryParse(path, out AnnexDTarget? target).ShouldBe(valid);
        if (!valid)
        {
            target.ShouldBeNull();
            return;
        }

        target!.Operation.ToString().ShouldBe(operation.GetString());
        target.Argument.ShouldBe(vector.OptionalText("argument"));
        (target.Time is ulong time ? NtpTimestamp.ToHex(time) : null).ShouldBe(vector.OptionalText("time"));
        if (target.Argument is null || vector.TryGetProperty("canonical", out _))
        {
            AnnexDPaths.Build(target).ShouldBe(path);
        }
    }

    [Fact]
    public void No_path_is_no_target() => AnnexDPaths.TryParse(null, out _).ShouldBeFalse();

    [Fact]
    public void A_path_beyond_the_limit_is_refused()
    {
        string path = AnnexDPaths.KeyProv(new string('a', AnnexDPaths.MaxLength));
        AnnexDPaths.TryParse(path, out _).ShouldBeFalse();
    }

    [Fact]
    public void Every_identity_comes_back_from_its_path() =>
        Gen.Select(Gen.String, Gen.ULong).Where((uri, _) => IsText(uri)).Sample((uri, time) =>
            AnnexDPaths.TryParse(AnnexDPaths.KeyProv(uri, time), out AnnexDTarget? target)
            && target == new AnnexDTarget(AnnexDOperation.KeyProv, uri, time)
            && AnnexDPaths.TryParse(AnnexDPaths.KeyProv(uri), out target)
            && target == new AnnexDTarget(AnnexDOperation.KeyProv, uri));

    [Fact]
    public void What_no_request_means_cannot_be_built()
    {
        Should.Throw<ArgumentException>(() => AnnexDPaths.KeyProv(null, 1));
        Should.Throw<ArgumentException>(() => AnnexDPaths.KeyProv(""));
        Should.Throw<ArgumentException>(() => AnnexDPaths.KeyProv("sip:\ud800"));
        Should.Throw<ArgumentException>(() => AnnexDPaths.Build(new AnnexDTarget(AnnexDOperation.Init, "x")));
        Should.Throw<ArgumentException>(() => AnnexDPaths.Build(new AnnexDTarget((AnnexDOperation)99)));
    }

    [Theory]
    [InlineData("/keymanagement/identity/v1/init", "/keymanagement/identity/v1/init")]
    [InlineData("/a%2Fb?x=%2F", "/a%2Fb")]
    [InlineData("https://kms.example.org:7401/a%2Fb?x", "/a%2Fb")]
    [InlineData("https://kms.example.org", "/")]
    [InlineData("https://kms.example.org?x=/y", "/")]
    [InlineData("/x?u=http://y/z", "/x")]
    [InlineData("*", "*")]
    public void The_path_of_a_request_target_stays_escaped(string target, string path) => AnnexDPaths.PathOf(target).ShouldBe(path);

    [Fact]
    public void Random_paths_are_answered_without_exception() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["%/0123456789abcdefABCDEF:@+."], 0, 40]).Sample(text =>
        {
            _ = AnnexDPaths.TryParse(AnnexDPaths.Root + "/keyprov/" + text, out AnnexDTarget? target);
            return target is null || AnnexDPaths.TryParse(AnnexDPaths.Build(target), out AnnexDTarget? again) && again == target;
        });

    private static bool IsText(string value) =>
        value.Length > 0 && !value.Any(char.IsControl) && !value.EnumerateRunes().Contains(System.Text.Rune.ReplacementChar);
}

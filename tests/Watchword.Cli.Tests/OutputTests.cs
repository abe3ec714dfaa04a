using System.Text;
using System.Text.Json.Nodes;
using Watchword.Cli.Commands.Login;
using Watchword.Cli.Secrets;

namespace Watchword.Cli.Tests;

public sealed class OutputTests
{
    [Theory]
    [InlineData("sip:a@example.org", "sip:a@example.org")]
    [InlineData("sip:\u001b[31ma@example.org", "sip:\\u{1B}[31ma@example.org")]
    [InlineData("a\nb", "a\\u{0A}b")]
    [InlineData("a\u202Eb", "a\\u{202E}b")]
    [InlineData("größe", "größe")]
    public void Text_from_elsewhere_cannot_move_the_cursor(string text, string printed)
    {
        Printable.Text(text).ShouldBe(printed);
    }

    [Fact]
    public void A_table_treats_markup_as_text()
    {
        ScriptConsole console = new();
        console.Restart();

        new HumanWriter(console).Table(["user"], [["[red]a[/]"]]);

        console.Output.ShouldContain("[red]a[/]");
    }

    [Fact]
    public void A_token_that_is_no_jws_has_no_claims()
    {
        JsonWebToken.Claims("opaque").ShouldBeNull();
        JsonWebToken.Claims("a.!.c").ShouldBeNull();
        JsonWebToken.Claims($"a.{Encode("[1]")}.c").ShouldBeNull();
        JsonWebToken.Claims($"a.{Encode("{")}.c").ShouldBeNull();
    }

    [Fact]
    public void The_claims_of_a_jws_are_shown_as_they_are_and_times_as_times_too()
    {
        string payload = Encode("""{"sub":"x","exp":1767225600,"amr":["pwd"]}""");

        JsonObject claims = JsonWebToken.Claims($"a.{payload}.c").ShouldNotBeNull();

        claims.Select(JsonWebToken.Human).ShouldBe(
            [("sub", "x"), ("exp", "1767225600 (2026-01-01 00:00:00Z)"), ("amr", """["pwd"]""")]);
    }

    [Fact]
    public void A_secret_prints_as_its_type_and_is_gone_after_dispose()
    {
        SecretText secret = new("hunter2"u8);
        secret.ToString().ShouldBe(nameof(SecretText));
        secret.Use(text => text.ToString()).ShouldBe("hunter2");

        secret.Dispose();

        Should.Throw<ObjectDisposedException>(() => secret.Octets.Length);
    }

    private static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}

using System.Net;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>Times under a fake clock that stands at 1760000000 unless a test moves it.</summary>
public sealed class TokenTimeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestIssuer _home = shared.Home;

    [Theory]
    [InlineData("exp", 3600, AuthorizationFault.None)]
    [InlineData("exp", 1, AuthorizationFault.None)]
    [InlineData("exp", 0, AuthorizationFault.None)]
    [InlineData("exp", -29, AuthorizationFault.None)]
    [InlineData("exp", -30, AuthorizationFault.Expired)]
    [InlineData("exp", -31, AuthorizationFault.Expired)]
    [InlineData("exp", -1760000000, AuthorizationFault.Expired)]
    [InlineData("nbf", -3600, AuthorizationFault.None)]
    [InlineData("nbf", 30, AuthorizationFault.None)]
    [InlineData("nbf", 31, AuthorizationFault.NotYetValid)]
    [InlineData("nbf", 3600, AuthorizationFault.NotYetValid)]
    [InlineData("iat", -86400, AuthorizationFault.None)]
    [InlineData("iat", 30, AuthorizationFault.None)]
    [InlineData("iat", 31, AuthorizationFault.IssuedInFuture)]
    public async Task The_leeway_is_thirty_seconds(string claim, long fromNow, AuthorizationFault expected)
    {
        string token = _home.Token(TestClaims.User(_home).With(claim, TestClaims.Now.ToUnixTimeSeconds() + fromNow));

        await ExpectAsync(token, expected);
    }

    [Theory]
    [InlineData("1760000000.5", AuthorizationFault.None)]
    [InlineData("1.7600036e9", AuthorizationFault.None)]
    [InlineData("253402300799", AuthorizationFault.None)]
    [InlineData("253402300800", AuthorizationFault.TimeNotANumber)]
    [InlineData("1e400", AuthorizationFault.TimeNotANumber)]
    [InlineData("-1", AuthorizationFault.TimeNotANumber)]
    [InlineData("99999999999999999999999999", AuthorizationFault.TimeNotANumber)]
    [InlineData("1759999970.001", AuthorizationFault.None)]
    [InlineData("1759999969.999", AuthorizationFault.Expired)]
    [InlineData("\"1760003600\"", AuthorizationFault.TimeNotANumber)]
    [InlineData("null", AuthorizationFault.TimeNotANumber)]
    [InlineData("true", AuthorizationFault.TimeNotANumber)]
    [InlineData("[1760003600]", AuthorizationFault.TimeNotANumber)]
    public async Task The_expiry_is_a_JSON_number_that_denotes_a_time(string value, AuthorizationFault expected)
    {
        string claims = TestClaims.User(_home).Without("exp").Plus($"\"exp\":{value}");

        await ExpectAsync(_home.SignEc(_home.EcHeader().ToJsonString(), claims), expected);
    }

    [Theory]
    [InlineData("nbf")]
    [InlineData("iat")]
    public async Task Other_times_in_strings_are_refused(string claim) =>
        await ExpectAsync(_home.Token(TestClaims.User(_home).With(claim, "1760000000")), AuthorizationFault.TimeNotANumber);

    [Fact]
    public async Task A_token_without_expiry_is_refused() =>
        await ExpectAsync(_home.Token(TestClaims.User(_home).Without("exp")), AuthorizationFault.ExpiryMissing);

    [Fact]
    public async Task A_token_without_iat_and_nbf_is_accepted() =>
        await ExpectAsync(_home.Token(TestClaims.User(_home).Without("iat", "nbf")), AuthorizationFault.None);

    [Fact]
    public async Task A_token_dies_while_the_server_runs()
    {
        using Settings settings = new();
        settings.Trust(_home);
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        string token = _home.Token(TestClaims.User(_home));
        (await server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.Clock.Advance(TimeSpan.FromSeconds(3629));
        (await server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Clock.Advance(TimeSpan.FromSeconds(1));

        await server.ShouldRefuseAsync(token, AuthorizationFault.Expired);
    }

    [Fact]
    public async Task The_leeway_may_be_less()
    {
        using Settings settings = new();
        settings.Trust(_home).Set("Leeway", "00:00:00");
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);

        await server.ShouldRefuseAsync(
            _home.Token(TestClaims.User(_home).With("exp", TestClaims.Now.ToUnixTimeSeconds())), AuthorizationFault.Expired);
        await server.ShouldRefuseAsync(
            _home.Token(TestClaims.User(_home).With("nbf", TestClaims.Now.ToUnixTimeSeconds() + 1)), AuthorizationFault.NotYetValid);
    }

    private async Task ExpectAsync(string token, AuthorizationFault expected)
    {
        if (expected == AuthorizationFault.None)
        {
            (await shared.Server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        else
        {
            await shared.Server.ShouldRefuseAsync(token, expected);
        }
    }
}

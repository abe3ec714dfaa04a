using Watchword.Idm.Server.Clients;

namespace Watchword.Idm.Server.Tests;

public sealed class RedirectUriTests
{
    [Theory]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:8080/callback", true)]
    [InlineData("http://127.0.0.1:9/callback", "http://127.0.0.1:8080/callback", true)]
    [InlineData("http://[::1]/callback", "http://[::1]:8080/callback", true)]
    [InlineData("http://127.0.0.1?x=1", "http://127.0.0.1:80?x=1", true)]
    [InlineData("https://app.example/cb", "https://app.example/cb", true)]
    [InlineData("com.example.app:/cb", "com.example.app:/cb", true)]
    [InlineData("https://app.example/cb", "https://app.example:443/cb", false)]
    [InlineData("https://app.example/cb", "https://app.example/CB", false)]
    [InlineData("https://app.example/cb", "https://APP.example/cb", false)]
    [InlineData("https://app.example/cb", "https://app.example/cb?x=1", false)]
    [InlineData("https://app.example/cb", "http://app.example/cb", false)]
    [InlineData("http://127.0.0.1/callback", "http://[::1]:8080/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:8080/Callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:0/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:65536/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:+80/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:80:80/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:80@evil.example/callback", false)]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.10/callback", false)]
    [InlineData("com.example.app:/cb", "COM.example.app:/cb", false)]
    public void A_redirect_uri_is_compared_octet_by_octet_but_for_the_port_of_loopback(string registered, string presented, bool matches) =>
        RedirectUris.Matches(registered, presented).ShouldBe(matches);

    [Theory]
    [InlineData("https://app.example/cb")]
    [InlineData("http://127.0.0.1/callback")]
    [InlineData("http://[::1]:7000/callback")]
    [InlineData("com.example.app:/oauth")]
    public void These_may_be_registered(string value) => RedirectUris.FaultOf(value).ShouldBeNull();

    [Theory]
    [InlineData("http://app.example/cb")]
    [InlineData("http://localhost/cb")]
    [InlineData("https://app.example/cb#f")]
    [InlineData("https://user@app.example/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData("myapp:/cb")]
    [InlineData("/cb")]
    [InlineData("https://app.example/c b")]
    [InlineData("HTTPS://app.example/cb")]
    [InlineData("https://müller.example/cb")]
    public void These_may_not(string value) => RedirectUris.FaultOf(value).ShouldNotBeNull();
}

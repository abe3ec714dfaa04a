using System.Net;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Tests.Support;

namespace Watchword.HttpProxy.Tests;

/// <summary>Who may assert an identity: TS 24.482 A.2.2.</summary>
public sealed class AssertedIdentityTests
{
    private const string Header = "X-3GPP-Asserted-Identity";
    private const string Path = ProxyHost.KeyPath + "/keyprov";
    private const string Good = $"\"{ProxyHost.Entity}\"";

    [Theory]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\n")]
    [InlineData("x-3gpp-asserted-identity: \"sip:mcx-server@home.example\"\r\n")]
    [InlineData("X-3GPP-ASSERTED-IDENTITY:\r\n")]
    [InlineData("X-3GPP-Asserted-Identity: nonsense\r\nX-3GPP-Asserted-Identity: \"sip:a@b\"\r\n")]
    [InlineData("X_3GPP_Asserted_Identity: \"sip:mcx-server@home.example\"\r\n")]
    [InlineData("X-3GPP_Asserted-Identity: \"sip:mcx-server@home.example\"\r\n")]
    [InlineData("X.3GPP.Asserted.Identity: \"sip:mcx-server@home.example\"\r\n")]
    [InlineData("Connection: X-3GPP-Asserted-Identity\r\n")]
    [InlineData("Connection: keep-alive, x-3gpp-asserted-identity\r\nX-3GPP-Asserted-Identity: \"sip:a@b\"\r\n")]
    [InlineData("Connection: close, X-3GPP-Asserted-Identity\r\nX-3GPP-Asserted-Identity: \"sip:a@b\"\r\n")]
    [InlineData("Authorization: Bearer abc\r\nX-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\n")]
    public async Task A_ue_that_asserts_an_identity_is_refused_and_counted_and_nothing_goes_on(string headers)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string answer = await proxy.RawAsync(
            $"POST {Path} HTTP/1.1\r\nHost: {ProxyHost.Own}\r\n{headers}Content-Length: 0\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 403 ");
        answer.ShouldContain("\"code\":40301");
        proxy.CountOf(ProxyError.IdentityAssertedByUe).ShouldBe(1);
        proxy.P.ShouldHaveSeenNothing();
        proxy.P.Log.Lines.ShouldContain(line => line.StartsWith("7100 ", StringComparison.Ordinal));
        proxy.P.Log.Lines.ShouldNotContain(line => line.Contains("sip:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Trailer: X-3GPP-Asserted-Identity\r\n")]
    [InlineData("")]
    public async Task A_ue_that_asserts_it_behind_the_body_is_refused_and_nothing_goes_on(string announcement)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string answer = await proxy.RawAsync(
            $"POST {Path} HTTP/1.1\r\nHost: {ProxyHost.Own}\r\n{announcement}Transfer-Encoding: chunked\r\n\r\n"
            + "4\r\nbody\r\n0\r\nX_3gpp-Asserted-Identity: \"sip:a@b\"\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 403 ");
        answer.ShouldContain("\"code\":40301");
        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task Over_http_2_it_is_the_same()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client(version: HttpVersion.Version20);
        using HttpRequestMessage request = new(HttpMethod.Get, Path) { Version = HttpVersion.Version20 };
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.TryAddWithoutValidation(Header, Good);
        using HttpResponseMessage response = await ue.SendAsync(request, TestContext.Current.CancellationToken);
        response.Version.ShouldBe(HttpVersion.Version20);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(ProxyError.IdentityAssertedByUe);
        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task A_ue_without_the_header_passes()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        using HttpRequestMessage request = new(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("X-3GPP-Intended-Identity", "\"sip:alice@home.example\"");
        using HttpResponseMessage response = await ue.SendAsync(request, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Seen seen = proxy.P.Kms.Requests.ShouldHaveSingleItem();
        seen.Headers.ShouldNotContainKey(Header);
        seen.Headers["X-3GPP-Intended-Identity"].ShouldBe(["\"sip:alice@home.example\""]);
    }

    [Fact]
    public async Task A_network_entity_passes_with_its_header_as_it_came_to_the_listener_for_it()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient entity = proxy.Client(proxy.P.EntityLeaf.Certificate, entity: true);
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = new StringContent("<KmsRequest/>") };
        request.Headers.TryAddWithoutValidation(Header, Good);
        using HttpResponseMessage response = await entity.SendAsync(request, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Seen seen = proxy.P.KmsForEntities.Requests.ShouldHaveSingleItem();
        seen.Headers[Header].ShouldBe([Good]);
        seen.Peer.ShouldBe(proxy.P.ProxyClient.Thumbprint);
        proxy.P.Kms.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", ProxyError.AssertedIdentityMissing)]
    [InlineData("Authorization: Bearer abc\r\n", ProxyError.AssertedIdentityMissing)]
    [InlineData("X-3GPP-Asserted-Identity: sip:mcx-server@home.example\r\n", ProxyError.AssertedIdentityMalformed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\", \"sip:b@home.example\"\r\n", ProxyError.AssertedIdentityMalformed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\nX-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\n", ProxyError.AssertedIdentityMalformed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\nX_3GPP_Asserted_Identity: \"sip:x@home.example\"\r\n", ProxyError.AssertedIdentityMalformed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:mcx-server@home.example\"\r\nConnection: X-3GPP-Asserted-Identity\r\n", ProxyError.AssertedIdentityMalformed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:other@home.example\"\r\n", ProxyError.AssertedIdentityNotAllowed)]
    [InlineData("X-3GPP-Asserted-Identity: \"sip:MCX-server@home.example\"\r\n", ProxyError.AssertedIdentityNotAllowed)]
    public async Task A_network_entity_asserts_exactly_one_identity_that_its_certificate_allows(string headers, ProxyError error)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string answer = await proxy.RawAsync(
            $"POST {Path} HTTP/1.1\r\nHost: {ProxyHost.Own}\r\n{headers}Content-Length: 0\r\n\r\n", entity: true);
        answer.ShouldStartWith("HTTP/1.1 403 ");
        answer.ShouldContain($"\"code\":{(int)error}");
        proxy.CountOf(error).ShouldBe(1);
        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task Without_a_pinned_certificate_nobody_gets_past_the_handshake_of_that_listener()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        Leaf stranger = proxy.P.Authority.IssueClient("stranger");
        foreach (Leaf? leaf in (Leaf?[])[null, stranger])
        {
            using HttpClient entity = proxy.Client(leaf?.Certificate, entity: true);
            await Should.ThrowAsync<HttpRequestException>(() => entity.GetAsync(Path, TestContext.Current.CancellationToken));
        }

        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task Requests_of_ues_and_of_entities_never_share_a_connection()
    {
        // One place for both: the connections are different ones all the same.
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        using HttpClient entity = proxy.Client(proxy.P.EntityLeaf.Certificate, entity: true);
        entity.DefaultRequestHeaders.TryAddWithoutValidation(Header, Good);
        for (int i = 0; i < 3; i++)
        {
            (await ue.GetAsync("/groups/a", TestContext.Current.CancellationToken)).Dispose();
            (await entity.GetAsync("/groups/a", TestContext.Current.CancellationToken)).Dispose();
        }

        Seen[] seen = [.. proxy.P.Groups.Requests];
        seen.Length.ShouldBe(6);
        string[] asserted = [.. seen.Where(request => request.Headers.ContainsKey(Header)).Select(request => request.Connection)];
        asserted.Length.ShouldBe(3);
        seen.Where(request => !request.Headers.ContainsKey(Header)).Select(request => request.Connection)
            .ShouldNotContain(connection => asserted.Contains(connection));
    }
}

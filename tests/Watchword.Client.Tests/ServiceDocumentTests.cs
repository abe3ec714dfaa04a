using System.Net;
using System.Net.Http.Headers;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.Mikey;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

/// <summary>Documents and group keys over HTTP: what is asked, and what each answer becomes.</summary>
public sealed class ServiceDocumentTests : IDisposable
{
    private const string Root = "https://gms.test/xcap";
    private const string Group = "sip:fire.one@lab.example";
    private const string GroupPath = "/xcap/org.openmobilealliance.groups/global/byGroupID/sip:fire.one@lab.example";

    private readonly TestProfile _profile = new();
    private readonly FakeServer _server = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_group_document_is_fetched_with_a_token_of_group_management_alone_and_not_twice()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        using XcapClient xcap = Client(tokens);
        GroupClient groups = new(xcap);
        _server.Answer = _ => Document("\"one\"");

        ServiceDocument<GroupDocument>? first = await groups.FetchAsync(Group, cancellationToken: Cancellation);
        first!.Value.Uri.ShouldBe(Group);
        first.ETag.ShouldBe("\"one\"");
        _server.Answer = _ => new HttpResponseMessage(HttpStatusCode.NotModified);
        (await groups.FetchAsync(Group, first.ETag, Cancellation)).ShouldBeNull();

        _server.Seen[0].Path.ShouldBe(GroupPath);
        AccessToken token = await tokens.GetAccessTokenAsync(McResource.GroupManagement, Cancellation);
        _server.Seen[0].Token.ShouldBe(token.Reveal());
        _server.Seen[0].IfNoneMatch.ShouldBeEmpty();
        _server.Seen[1].IfNoneMatch.ShouldBe("\"one\"");
    }

    [Fact]
    public async Task Without_being_asked_for_it_not_modified_is_no_answer()
    {
        using XcapClient xcap = Client(null);
        _server.Answer = _ => new HttpResponseMessage(HttpStatusCode.NotModified);

        await ShouldFailAsync(ClientFault.ServiceRequestRefused, () => xcap.GetAsync(InitialUri, token: null, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task The_members_are_left_out_by_a_group_management_operation()
    {
        using KeyStore store = await _profile.OpenAsync();
        using XcapClient xcap = Client(await _profile.LogInToStoreAsync(store));
        _server.Answer = _ => Document("\"one\"");

        _ = await new GroupClient(xcap).FetchWithoutMembersAsync(Group, Cancellation);

        _server.Seen[0].Method.ShouldBe("POST");
        _server.Seen[0].MediaType.ShouldBe(GroupManagementRequest.MediaType);
        GroupManagementRequest.Parse(_server.Seen[0].Body).Operation.ShouldBe(GroupManagementOperation.GetExcludingMemberList);
    }

    [Fact]
    public async Task A_group_is_made_only_where_none_is_and_changed_only_as_it_was_read()
    {
        using KeyStore store = await _profile.OpenAsync();
        using XcapClient xcap = Client(await _profile.LogInToStoreAsync(store));
        GroupClient groups = new(xcap);
        _server.Answer = _ => Tagged(new HttpResponseMessage(HttpStatusCode.Created), "\"two\"");

        (await groups.CreateAsync("sip:creator@lab.example", "fire.xml", Fire, Cancellation)).ShouldBe("\"two\"");
        _ = await groups.ReplaceAsync(Group, Fire, "\"two\"", Cancellation);
        await groups.DeleteAsync(Group, "\"three\"", Cancellation);

        _server.Seen.Select(s => (s.Method, s.Path, s.IfMatch, s.IfNoneMatch)).ShouldBe(
        [
            ("PUT", "/xcap/org.openmobilealliance.groups/users/sip:creator@lab.example/fire.xml", string.Empty, "*"),
            ("PUT", GroupPath, "\"two\"", string.Empty),
            ("DELETE", GroupPath, "\"three\"", string.Empty),
        ]);
        _server.Seen[0].MediaType.ShouldBe(ApplicationUsage.Groups.MediaType);
    }

    [Theory]
    [InlineData(403, ClientFault.ServiceForbidden)]
    [InlineData(404, ClientFault.ServiceDocumentNotFound)]
    [InlineData(409, ClientFault.ServiceConflict)]
    [InlineData(412, ClientFault.ServiceDocumentChanged)]
    [InlineData(415, ClientFault.ServiceMediaTypeRefused)]
    [InlineData(405, ClientFault.ServiceRequestRefused)]
    [InlineData(302, ClientFault.RedirectRefused)]
    [InlineData(429, ClientFault.ServiceBusy)]
    [InlineData(503, ClientFault.ServiceBusy)]
    [InlineData(500, ClientFault.ServiceFailed)]
    public async Task Each_refusal_is_one_fault(int status, ClientFault fault)
    {
        using KeyStore store = await _profile.OpenAsync();
        using XcapClient xcap = Client(await _profile.LogInToStoreAsync(store));
        _server.Answer = _ => new HttpResponseMessage((HttpStatusCode)status) { Headers = { { "X-Correlation-Id", "c-17" } } };

        WatchwordClientException e = await ShouldFailAsync(fault, () => new GroupClient(xcap).FetchAsync(Group, cancellationToken: Cancellation));
        e.HttpStatus.ShouldBe(status);
        e.CorrelationId.ShouldBe("c-17");
        _server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_is_not_taken_is_asked_for_anew_once()
    {
        using KeyStore store = await _profile.OpenAsync();
        using XcapClient xcap = Client(await _profile.LogInToStoreAsync(store));
        _server.Answer = _ => new HttpResponseMessage(HttpStatusCode.Unauthorized);

        await ShouldFailAsync(ClientFault.ServiceUnauthorized, () => new GroupClient(xcap).FetchAsync(Group, cancellationToken: Cancellation));
        _server.Seen.Count.ShouldBe(2);
        _server.Seen[1].Token.ShouldNotBe(_server.Seen[0].Token);
    }

    public static TheoryData<XcapErrorKind> Kinds => [.. Enum.GetValues<XcapErrorKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_error_of_XCAP_is_a_fault_of_its_own(XcapErrorKind kind)
    {
        using KeyStore store = await _profile.OpenAsync();
        using XcapClient xcap = Client(await _profile.LogInToStoreAsync(store));
        XcapError error = new()
        {
            Kind = kind,
            Fields = kind == XcapErrorKind.UniquenessFailure ? [new XcapUniquenessField("group/list-service/@uri", "sip:other@lab.example")] : [],
        };
        _server.Answer = _ => Content(HttpStatusCode.Conflict, error.Write(), XcapError.MediaType);

        WatchwordClientException e = await Should.ThrowAsync<WatchwordClientException>(
            () => new GroupClient(xcap).ReplaceAsync(Group, Fire, null, Cancellation));
        e.Number.ShouldBe((int)ClientFault.XcapNotWellFormed + (int)kind);
        e.XcapError!.Kind.ShouldBe(kind);
        e.XcapError.Fields.Count.ShouldBe(error.Fields.Count);
    }

    [Fact]
    public async Task The_initial_configuration_is_fetched_without_token_and_nothing_else_is()
    {
        using XcapClient xcap = Client(null);
        ConfigurationClient configuration = new(xcap);
        _server.Answer = _ => Content(HttpStatusCode.OK, Initial.Write(), ApplicationUsage.UeInitialConfiguration.MediaType);

        ServiceDocument<UeInitialConfiguration>? initial = await configuration.FetchInitialConfigurationAsync(
            "urn:uuid:1", "ue-1", cancellationToken: Cancellation);

        initial!.Value.CmsXcapRoot.ShouldBe(Root);
        _server.Seen[0].Token.ShouldBeNull();
        await ShouldFailAsync(
            ClientFault.NotLoggedIn, () => configuration.FetchUserProfileAsync(McService.Mcptt, cancellationToken: Cancellation));
        await ShouldFailAsync(
            ClientFault.NotLoggedIn, () => configuration.FetchServiceConfigurationAsync(McService.Mcptt, cancellationToken: Cancellation));
        _server.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_document_than_was_asked_for_is_not_taken()
    {
        using XcapClient xcap = Client(null);
        _server.Answer = _ => Document("\"one\"");

        await ShouldFailAsync(
            ClientFault.ServiceAnswerMalformed,
            () => new ConfigurationClient(xcap).FetchInitialConfigurationAsync("urn:uuid:1", "ue-1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task An_answer_past_the_bound_is_not_read()
    {
        using XcapClient xcap = new(new XcapClientOptions { Root = Root, MaxAnswerOctets = 1000 }, _server, null, _profile.Time);
        _server.Answer = _ => Content(HttpStatusCode.OK, new byte[1001], "application/xml");

        await ShouldFailAsync(ClientFault.AnswerTooLarge, () => xcap.GetAsync(InitialUri, token: null, cancellationToken: Cancellation));
    }

    [Fact]
    public void Only_https_roots_are_used() =>
        ShouldFail(
            ClientFault.UrlNotHttps,
            () => new XcapClient(new XcapClientOptions { Root = "http://gms.test" }, _server, null, _profile.Time).Dispose());

    [Fact]
    public async Task Group_keys_come_into_the_store_and_a_bad_message_does_not_hold_up_the_others()
    {
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = await _profile.LogInToStoreAsync(store);
        Key(store);
        using TestParty gms = await TestParty.CreateAsync(_profile, TestParty.GroupServer, isEntity: true);
        byte[] good = Gmk(gms), bad = Gmk(gms);
        bad[^1] ^= 1;
        _server.Answer = _ => Multipart(bad, good);
        ServiceKeyExchange keys = new(
            store, _profile.Time, new ServiceKeyExchangeOptions { GroupManagementServers = [TestParty.GroupServer] });
        using XcapClient xcap = Client(tokens);

        GroupKeysFetched fetched = await new GroupClient(xcap).FetchKeysAsync(Group, keys, Cancellation);

        _server.Seen[0].Path.ShouldBe("/xcap/group-keys/sip%3Afire.one%40lab.example");
        fetched.Refused.Select(e => e.Fault).ShouldBe([ClientFault.MessageNotAuthentic]);
        fetched.Receipts.Select(r => r.Change).ShouldBe([ServiceKeyChange.Added]);
        store.ServiceKeys.ShouldHaveSingleItem().GroupIds.ShouldBe([Group]);
        (await new GroupClient(xcap).FetchKeysAsync(Group, keys, Cancellation)).Receipts.ShouldHaveSingleItem()
            .Change.ShouldNotBe(ServiceKeyChange.Added);

        _server.Answer = _ => new HttpResponseMessage(HttpStatusCode.NoContent);
        (await new GroupClient(xcap).FetchKeysAsync(Group, keys, Cancellation)).Receipts.ShouldBeEmpty();
        _server.Answer = _ => Content(HttpStatusCode.OK, good, "text/plain");
        await ShouldFailAsync(ClientFault.ServiceAnswerMalformed, () => new GroupClient(xcap).FetchKeysAsync(Group, keys, Cancellation));
    }

    public void Dispose()
    {
        _server.Dispose();
        _profile.Dispose();
    }

    private static XcapUri InitialUri =>
        new(DocumentSelector.OfUser(ApplicationUsage.UeInitialConfiguration.Auid, "urn:uuid:1", "ue-1"));

    private static GroupDocument Fire => new() { Uri = Group, Members = [] };

    private static UeInitialConfiguration Initial => new()
    {
        Domain = "lab.example",
        IdmsAuthEndpoint = "https://idm.test/authorize",
        IdmsTokenEndpoint = "https://idm.test/token",
        CmsXcapRoot = Root,
    };

    private XcapClient Client(TokenCache? tokens) => new(new XcapClientOptions { Root = Root + "/" }, _server, tokens, _profile.Time);

    private void Key(KeyStore store)
    {
        _ = store.KeepRootCertificate(TestDomain.Home.Certificate);
        DateTimeOffset now = _profile.Time.GetUtcNow();
        KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(now);
        using KmsKeySet keySet = TestDomain.Home.Issue(TestIdm.McpttId, period.Number);
        store.KeepKeySets([StoredKeySet.From(keySet, period, store.Root!, now)]);
    }

    private static byte[] Gmk(TestParty gms) => gms.Keys.Create(
        KeyDistribution.Gmk, [TestIdm.McpttId], new ServiceKeyTerms { GroupIds = [Group] }).Messages[0].Octets.ToArray();

    private static HttpResponseMessage Document(string etag) =>
        Tagged(Content(HttpStatusCode.OK, Fire.Write(), ApplicationUsage.Groups.MediaType), etag);

    private static HttpResponseMessage Tagged(HttpResponseMessage response, string etag)
    {
        response.Headers.ETag = new EntityTagHeaderValue(etag);
        return response;
    }

    private static HttpResponseMessage Content(HttpStatusCode status, byte[] content, string mediaType) => new(status)
    {
        Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
    };

    private static HttpResponseMessage Multipart(params byte[][] messages)
    {
        using MemoryStream body = new();
        foreach (byte[] message in messages)
        {
            body.Write("--limit\r\nContent-Type: application/mikey\r\n\r\n"u8);
            body.Write(message);
            body.Write("\r\n"u8);
        }

        body.Write("--limit--\r\n"u8);
        HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent(body.ToArray()) };
        response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/mixed; boundary=limit");
        return response;
    }

    private sealed record SeenRequest(
        string Method, string Path, string? Token, string IfMatch, string IfNoneMatch, string? MediaType, byte[] Body);

    private sealed class FakeServer : HttpMessageHandler
    {
        public List<SeenRequest> Seen { get; } = [];

        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new HttpResponseMessage(HttpStatusCode.NotFound);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            Seen.Add(new SeenRequest(
                request.Method.Method, request.RequestUri!.AbsolutePath, request.Headers.Authorization?.Parameter,
                request.Headers.IfMatch.ToString(), request.Headers.IfNoneMatch.ToString(),
                request.Content?.Headers.ContentType?.MediaType, body));
            return Answer(request);
        }
    }
}

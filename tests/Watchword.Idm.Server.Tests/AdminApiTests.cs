using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class AdminApiTests(SharedHost shared)
{
    private const string AdminScopes = "openid watchword:idm:admin";
    private readonly IdmHost host = shared.Host;

    [Fact]
    public async Task The_one_time_code_makes_the_first_administrator_who_can_then_administrate()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        using HttpClient http = own.CreateClient();
        (await BootstrapAsync(http, "wrong-code", "root")).Code.ShouldBe("idm.code-refused");
        (await BootstrapAsync(http, own.OneTimeCode, "root", "short")).Code.ShouldBe("idm.password-weak", "and the code stays good");
        (await BootstrapAsync(http, own.OneTimeCode, "root")).Status.ShouldBe(HttpStatusCode.Created);
        (await BootstrapAsync(http, own.OneTimeCode, "second")).Code.ShouldBe("idm.code-refused");

        using CodeFlow flow = new(own);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await flow.GetTokensAsync("root", AdminScopes)).AccessToken);
        Answer answer = await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson("bob", "sip:bob@mc.example.org"));
        answer.Status.ShouldBe(HttpStatusCode.Created);
        (await flow.GetTokensAsync("bob")).Error.ShouldBeNull();
    }

    [Fact]
    public async Task The_one_time_code_lives_for_a_day()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        using HttpClient http = own.CreateClient();
        own.Time.Advance(TimeSpan.FromHours(24));
        (await BootstrapAsync(http, own.OneTimeCode, "root")).Code.ShouldBe("idm.code-refused");
    }

    [Theory]
    [InlineData("GET", AdministrationPaths.Accounts)]
    [InlineData("POST", AdministrationPaths.Accounts)]
    [InlineData("POST", AdministrationPaths.AccountImport)]
    [InlineData("POST", "/admin/v1/accounts/x/disable")]
    [InlineData("PUT", "/admin/v1/accounts/x/ids")]
    [InlineData("GET", AdministrationPaths.Clients)]
    [InlineData("POST", AdministrationPaths.Clients)]
    [InlineData("DELETE", "/admin/v1/clients/watchword-cli")]
    [InlineData("GET", "/ADMIN/v1/accounts")]
    [InlineData("GET", "/admin/v1/nothing")]
    [InlineData("POST", "/admin/v1/bootstrap/")]
    public async Task Without_a_token_everything_but_the_bootstrap_is_closed(string method, string path)
    {
        using HttpClient http = host.CreateClient();
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = Json("not even json") };
        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        (await Answer.ReadAsync(response)).Code.ShouldBe("idm.token-missing");
    }

    [Fact]
    public async Task Tokens_of_users_entities_other_audiences_and_forgers_do_not_open_the_admin_api()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        (await GetAsync((await flow.GetTokensAsync(user.UserName)).AccessToken)).Code.ShouldBe("idm.token-invalid", "it names another audience");

        (string admin, TokenAnswer tokens) = await AdministratorAsync(flow);
        (await GetAsync(tokens.AccessToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(tokens.IdToken)).Code.ShouldBe("idm.token-invalid");
        string[] parts = tokens.AccessToken.Split('.');
        (await GetAsync($"{parts[0]}.{parts[1]}.")).Code.ShouldBe("idm.token-invalid");
        string none = Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Encode("""{"alg":"none","typ":"at+jwt"}""");
        (await GetAsync($"{none}.{parts[1]}.")).Code.ShouldBe("idm.token-invalid");
        (await GetAsync("garbage")).Code.ShouldBe("idm.token-invalid");

        // The last administrator cannot be disabled, and tests run in any order: there is another one.
        _ = await AdministratorAsync(flow);
        await host.WithAccountsAsync(accounts => accounts.DisableAsync(admin));
        (await GetAsync(tokens.AccessToken)).Code.ShouldBe("idm.not-administrator", "at once, not when the token expires");
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAccountAsync("root", administrator: true);
        using CodeFlow flow = new(own);
        using HttpClient http = own.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await flow.GetTokensAsync("root", AdminScopes)).AccessToken);
        own.Time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(29));
        (await http.GetAsync(AdministrationPaths.Accounts, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        own.Time.Advance(TimeSpan.FromSeconds(1));
        using HttpResponseMessage late = await http.GetAsync(AdministrationPaths.Accounts, TestContext.Current.CancellationToken);
        (await Answer.ReadAsync(late)).Code.ShouldBe("idm.token-invalid");
    }

    [Fact]
    public async Task Accounts_are_made_listed_changed_disabled_and_enabled()
    {
        using HttpClient http = await AdministratorClientAsync();
        string name = shared.NextName() + " O'Neil";
        Answer made = await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(name, $"sip:{shared.NextName()}@mc.example.org"));
        made.Status.ShouldBe(HttpStatusCode.Created);
        made.Body.ShouldNotContain(IdmHost.Password);

        string fresh = $"sip:{shared.NextName()}@mc.example.org";
        using HttpResponseMessage changed = await http.PutAsync(
            AdministrationPaths.Ids(name), Json($$"""{"mcvideoId":"{{fresh}}"}"""), TestContext.Current.CancellationToken);
        AccountView view = (await changed.Content.ReadFromJsonAsync(AdministrationJson.Default.AccountView, TestContext.Current.CancellationToken))!;
        (view.McpttId, view.McvideoId).ShouldBe((null, fresh));

        (await PostAsync(http, AdministrationPaths.Disable(name), "{}")).Body.ShouldContain("\"enabled\":false");
        (await PostAsync(http, AdministrationPaths.Enable(name), "{}")).Body.ShouldContain("\"enabled\":true");
        IReadOnlyList<AccountView> all = (await http.GetFromJsonAsync(
            AdministrationPaths.Accounts, AdministrationJson.Default.IReadOnlyListAccountView, TestContext.Current.CancellationToken))!;
        all.Single(account => account.UserName == name).McvideoId.ShouldBe(fresh);
        (await PostAsync(http, AdministrationPaths.Disable("no such user"), "{}")).Code.ShouldBe("idm.account-unknown");
    }

    [Fact]
    public async Task An_identity_belongs_to_one_account_or_one_entity_and_is_compared_octet_by_octet()
    {
        using HttpClient http = await AdministratorClientAsync();
        string own = $"sip:{shared.NextName()}@mc.example.org";
        string first = shared.NextName();
        (await PostAsync(http, AdministrationPaths.Accounts, $$"""{"userName":"{{first}}","password":"{{IdmHost.Password}}","mcpttId":"{{own}}","mcvideoId":"{{own}}","mcdataId":"{{own}}"}"""))
            .Status.ShouldBe(HttpStatusCode.Created, "one account may use one identity for all services");
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), own))).Code.ShouldBe("idm.identity-taken");
        (await PostAsync(http, AdministrationPaths.Accounts, $$"""{"userName":"{{shared.NextName()}}","password":"{{IdmHost.Password}}","mcdataId":"{{own}}"}"""))
            .Code.ShouldBe("idm.identity-taken", "not for another service either");
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), own.Replace("sip:u", "sip:U", StringComparison.Ordinal))))
            .Status.ShouldBe(HttpStatusCode.Created, "another octet is another identity");

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await PostAsync(http, AdministrationPaths.Clients, ClientJson(Entities.WithKey(shared.NextName(), key, own)))).Code.ShouldBe("idm.identity-taken");
        string entity = shared.NextName();
        (await PostAsync(http, AdministrationPaths.Clients, ClientJson(Entities.WithKey(entity, key)))).Status.ShouldBe(HttpStatusCode.Created);
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), Entities.UriOf(entity)))).Code.ShouldBe("idm.identity-taken");
        (await PostAsync(http, AdministrationPaths.Clients, ClientJson(Entities.WithKey(shared.NextName(), key, Entities.UriOf(entity))))).Code.ShouldBe("idm.identity-taken");

        (await http.PutAsync(AdministrationPaths.Ids(first), Json("{}"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), own))).Status.ShouldBe(HttpStatusCode.Created, "it was given up");
        (await http.DeleteAsync(AdministrationPaths.Client(entity), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.DeleteAsync(AdministrationPaths.Client(entity), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), Entities.UriOf(entity)))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_many_requests_for_one_identity_at_the_same_moment_one_gets_it()
    {
        using HttpClient http = await AdministratorClientAsync();
        string wanted = $"sip:{shared.NextName()}@mc.example.org";
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            _ => PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(shared.NextName(), wanted))));
        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Where(answer => answer.Status != HttpStatusCode.Created).ShouldAllBe(answer => answer.Code == "idm.identity-taken");
    }

    [Theory]
    [InlineData("""{"userName":"x","password":"correct horse battery","mcpttId":"sip:x@other.example"}""", 400, "idm.identity-foreign")]
    [InlineData("""{"userName":"x","password":"correct horse battery","mcpttId":"tel:+4477009"}""", 400, "idm.identity-foreign")]
    [InlineData("""{"userName":"x","password":"correct horse battery","mcpttId":"x@mc.example.org"}""", 400, "idm.identity-invalid")]
    [InlineData("""{"userName":"x","password":"correct horse battery","mcpttId":""}""", 400, "idm.identity-invalid")]
    [InlineData("""{"userName":"","password":"correct horse battery"}""", 400, "idm.user-name-invalid")]
    [InlineData("""{"userName":" x","password":"correct horse battery"}""", 400, "idm.user-name-invalid")]
    [InlineData("""{"userName":"x\u0000","password":"correct horse battery"}""", 400, "idm.user-name-invalid")]
    [InlineData("""{"userName":"x","password":"short"}""", 400, "idm.password-weak")]
    [InlineData("""{"userName":"x"}""", 400, "idm.body-invalid")]
    [InlineData("""{"userName":"x","password":"correct horse battery","isAdmin":true}""", 400, "idm.body-invalid")]
    [InlineData("""[]""", 400, "idm.body-invalid")]
    [InlineData("""null""", 400, "idm.body-invalid")]
    [InlineData("""{"userName":""", 400, "idm.body-invalid")]
    [InlineData("", 400, "idm.body-invalid")]
    public async Task A_bad_account_gets_its_code_and_changes_nothing(string body, int status, string code)
    {
        using HttpClient http = await AdministratorClientAsync();
        Answer answer = await PostAsync(http, AdministrationPaths.Accounts, body);
        ((int)answer.Status).ShouldBe(status, answer.Body);
        answer.Code.ShouldBe(code);
        answer.CorrelationId.ShouldNotBeNullOrEmpty();
        (await GetAccountsAsync(http)).ShouldNotContain(account => account.UserName == "x");
    }

    [Fact]
    public async Task A_user_name_is_taken_in_any_case()
    {
        using HttpClient http = await AdministratorClientAsync();
        string name = shared.NextName();
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(name))).Status.ShouldBe(HttpStatusCode.Created);
        (await PostAsync(http, AdministrationPaths.Accounts, NewAccountJson(name.ToUpperInvariant()))).Code.ShouldBe("idm.user-name-taken");
    }

    [Fact]
    public async Task An_import_is_all_or_nothing_and_names_each_bad_row()
    {
        using HttpClient http = await AdministratorClientAsync();
        string[] names = [shared.NextName(), shared.NextName(), shared.NextName(), shared.NextName()];
        string shared1 = $"sip:{names[0]}@mc.example.org";
        string bad = $"[{NewAccountJson(names[0], shared1)},{NewAccountJson(names[1], shared1)},{NewAccountJson(names[0])},{NewAccountJson(names[3], "sip:a@other.example")}]";
        Answer refused = await PostAsync(http, AdministrationPaths.AccountImport, bad);
        refused.Code.ShouldBe("idm.import-refused");
        refused.Problem!.Errors!.Select(error => (error.Row, error.Code)).ShouldBe(
            [(1, "idm.identity-taken"), (2, "idm.user-name-taken"), (3, "idm.identity-foreign")]);
        (await GetAccountsAsync(http)).ShouldNotContain(account => names.Contains(account.UserName));

        Answer taken = await PostAsync(http, AdministrationPaths.AccountImport, $"[{NewAccountJson(names[0], shared1)},{NewAccountJson(names[1])}]");
        taken.Status.ShouldBe(HttpStatusCode.Created);
        taken.Body.ShouldBe("""{"created":2}""");
        (await GetAccountsAsync(http)).Count(account => names.Contains(account.UserName)).ShouldBe(2);
    }

    [Fact]
    public async Task The_last_administrator_cannot_be_disabled()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAccountAsync("root", administrator: true);
        await own.AddAccountAsync("second", administrator: true);
        await own.WithAccountsAsync(accounts => accounts.DisableAsync("second"));
        Administration.IdmFaultException refusal = await Should.ThrowAsync<Administration.IdmFaultException>(
            () => own.WithAccountsAsync(accounts => accounts.DisableAsync("root")));
        refusal.Fault.Code.ShouldBe("idm.last-administrator");
    }

    [Theory]
    [InlineData("""{"clientId":"c","kind":"web"}""")]
    [InlineData("""{"clientId":"c d","kind":"native","redirectUris":["https://a.example/cb"]}""")]
    [InlineData("""{"clientId":"c","kind":"native"}""")]
    [InlineData("""{"clientId":"c","kind":"native","redirectUris":["http://a.example/cb"]}""")]
    [InlineData("""{"clientId":"c","kind":"native","redirectUris":["https://a.example/cb"],"scopes":["3gpp:mc:other"]}""")]
    [InlineData("""{"clientId":"c","kind":"native","redirectUris":["https://a.example/cb"],"signingAlgorithm":"HS256"}""")]
    [InlineData("""{"clientId":"c","kind":"native","redirectUris":["https://a.example/cb"],"entityUri":"sip:a@mc.example.org"}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","certificateThumbprint":"00","scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","jwks":{"keys":[]},"scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","jwks":{"keys":[{"kty":"oct","k":"AAAA"}]},"scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]},"scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    [InlineData("""{"clientId":"c","kind":"entity","entityUri":"sip:e@mc.example.org","jwks":{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]},"scopes":["3gpp:mc:ptt_key_management_service"]}""")]
    public async Task A_client_that_is_not_sound_is_refused(string body)
    {
        using HttpClient http = await AdministratorClientAsync();
        Answer answer = await PostAsync(http, AdministrationPaths.Clients, body);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Code.ShouldBe("idm.client-invalid");
    }

    [Fact]
    public async Task A_private_key_in_a_registration_is_refused_and_so_is_a_foreign_entity()
    {
        using HttpClient http = await AdministratorClientAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string sound = ClientJson(Entities.WithKey("entity-with-secret", key));
        (await PostAsync(http, AdministrationPaths.Clients, sound.Replace("\"kty\"", "\"d\":\"AAAA\",\"kty\"", StringComparison.Ordinal))).Code.ShouldBe("idm.client-invalid");
        (await PostAsync(http, AdministrationPaths.Clients, sound.Replace("@mc.example.org", "@other.example", StringComparison.Ordinal))).Code.ShouldBe("idm.identity-foreign");
        (await PostAsync(http, AdministrationPaths.Clients, sound)).Status.ShouldBe(HttpStatusCode.Created);
        (await PostAsync(http, AdministrationPaths.Clients, sound.Replace("sip:entity", "sip:other", StringComparison.Ordinal))).Code.ShouldBe("idm.client-taken");
        string list = await http.GetStringAsync(AdministrationPaths.Clients, TestContext.Current.CancellationToken);
        list.ShouldContain("\"clientId\":\"watchword-cli\"");
        list.ShouldContain("\"entityUri\":\"sip:entity-with-secret@mc.example.org\"");
    }

    [Fact]
    public async Task A_body_that_is_too_long_or_no_json_gets_its_code()
    {
        using HttpClient http = await AdministratorClientAsync();
        Answer tooLong = await PostAsync(http, AdministrationPaths.AccountImport, "[" + new string(' ', (1024 * 1024) + 1) + "]");
        tooLong.Code.ShouldBe("idm.body-too-long");
        using StringContent form = new("userName=x", Encoding.UTF8, "application/x-www-form-urlencoded");
        using HttpResponseMessage response = await http.PostAsync(AdministrationPaths.Accounts, form, TestContext.Current.CancellationToken);
        (await Answer.ReadAsync(response)).Code.ShouldBe("idm.media-type-refused");
        using HttpResponseMessage method = await http.PatchAsync(AdministrationPaths.Accounts, Json("{}"), TestContext.Current.CancellationToken);
        (await Answer.ReadAsync(method)).Code.ShouldBe("idm.method-refused");
    }

    private static string NewAccountJson(string name, string? mcptt = null) =>
        System.Text.Json.JsonSerializer.Serialize(
            new NewAccount { UserName = name, Password = IdmHost.Password, McpttId = mcptt }, AdministrationJson.Default.NewAccount);

    private static string ClientJson(NewClient client) =>
        System.Text.Json.JsonSerializer.Serialize(client, AdministrationJson.Default.NewClient);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<Answer> PostAsync(HttpClient http, string path, string body)
    {
        using HttpResponseMessage response = await http.PostAsync(path, Json(body), TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    private static Task<Answer> BootstrapAsync(HttpClient http, string code, string userName, string password = IdmHost.Password) =>
        PostAsync(http, AdministrationPaths.Bootstrap, $$"""{"code":"{{code}}","userName":"{{userName}}","password":"{{password}}"}""");

    private async Task<Answer> GetAsync(string token)
    {
        using HttpClient http = host.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await http.GetAsync(AdministrationPaths.Accounts, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    private static async Task<IReadOnlyList<AccountView>> GetAccountsAsync(HttpClient http) => (await http.GetFromJsonAsync(
        AdministrationPaths.Accounts, AdministrationJson.Default.IReadOnlyListAccountView, TestContext.Current.CancellationToken))!;

    private async Task<(string Name, TokenAnswer Tokens)> AdministratorAsync(CodeFlow flow)
    {
        string name = shared.NextName();
        await host.AddAccountAsync(name, administrator: true);
        return (name, await flow.GetTokensAsync(name, AdminScopes));
    }

    private async Task<HttpClient> AdministratorClientAsync()
    {
        // Another administrator stays, so that a test may disable its own.
        using CodeFlow flow = new(host);
        (_, TokenAnswer tokens) = await AdministratorAsync(flow);
        HttpClient http = host.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        return http;
    }

    private sealed record Answer(HttpStatusCode Status, string Body, ProblemBody? Problem)
    {
        public string? Code => Problem?.Code;

        public string? CorrelationId => Problem?.CorrelationId;

        public static async Task<Answer> ReadAsync(HttpResponseMessage response)
        {
            string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            ProblemBody? problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? System.Text.Json.JsonSerializer.Deserialize(body, AdministrationJson.Default.ProblemBody)
                : null;
            return new Answer(response.StatusCode, body, problem);
        }
    }
}

using Watchword.Client;
using Watchword.Identity;
using Watchword.Identity.Administration;

namespace Watchword.Lab.Walk;

/// <summary>What the administrator of an IdM server does about users of other domains, by its admin API.</summary>
internal sealed class ForeignUsers : IDisposable
{
    private readonly RunningDomain _domain;
    private readonly TlsTrust _trust;
    private readonly SocketsHttpHandler _handler;
    private readonly IdmClient _idm;
    private readonly KeyStore _store;
    private readonly TokenCache _tokens;
    private readonly HttpClient _http;

    private ForeignUsers(RunningDomain domain, KeyStore store)
    {
        _domain = domain;
        _store = store;
        _trust = TlsTrust.FromCaFile(domain.Site.Ca.CaFile);
        _handler = _trust.CreateHandler();
        IdmClientOptions options = new()
        {
            Issuer = domain.Site.Ports.IdmUrl, ClientId = LabDomain.ClientId,
            Scopes = [McScopes.OpenId, McScopes.OfflineAccess, McScopes.IdmAdministration],
        };
        _idm = new IdmClient(options, _handler, domain.Site.Time);
        _tokens = new TokenCache(_idm, store);
        _http = new HttpClient(_handler, disposeHandler: false);
    }

    /// <summary>Logs the administrator in, with a profile below <paramref name="directory"/>.</summary>
    public static async Task<ForeignUsers> LogInAsync(RunningDomain domain, string directory, CancellationToken cancellation)
    {
        string name = domain.Site.Names.Name + "-" + LabDomain.Administrator;
        string keyFile = Path.Combine(directory, name + ".key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        KeyStore store = await KeyStore.CreateAsync(
            Path.Combine(directory, name), unlock, domain.Site.Time, cancellationToken: cancellation);
        ForeignUsers users = new(domain, store);
        using LogInCredential credential = new(LabDomain.Administrator, domain.Description.Users[LabDomain.Administrator].Password);
        await users._tokens.LogInAsync(new FormWalkingBrowser(users._handler, credential), cancellation);
        return users;
    }

    /// <summary>The user with that MCPTT ID; null if he was never given a token.</summary>
    public async Task<ForeignSubjectView?> FindAsync(string mcpttId, CancellationToken cancellation)
    {
        IReadOnlyList<ForeignSubjectView> all = await SendAsync(
            HttpMethod.Get, AdministrationPaths.ForeignSubjects, AdministrationJson.Default.IReadOnlyListForeignSubjectView, cancellation);
        return all.FirstOrDefault(user => user.McpttId == mcpttId);
    }

    /// <summary>Blocks him, or lets him in again.</summary>
    public Task<ForeignSubjectView> SetBlockedAsync(ForeignSubjectView user, bool blocked, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, AdministrationPaths.BlockForeign(user.Subject, blocked), AdministrationJson.Default.ForeignSubjectView,
        cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _idm.Dispose();
        _handler.Dispose();
        _trust.Dispose();
        _store.Dispose();
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        AccessToken token = await _tokens.GetAccessTokenAsync(AccessTokenTarget.IdmAdministration, cancellation);
        using HttpRequestMessage request = new(method, _domain.Site.Ports.IdmUrl + path);
        request.Headers.Authorization = token.ToAuthorizationHeader();
        using HttpResponseMessage response = await _http.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync(type, cancellation))!
            : throw new WalkException($"{method} {path}: {(int)response.StatusCode}");
    }
}

using Microsoft.Extensions.Time.Testing;

namespace Watchword.Client.Tests.Support;

/// <summary>A directory for profiles that goes away, a clock that stands still, and the parts of a client over a test IdM server.</summary>
public sealed class TestProfile : IDisposable
{
    public TestProfile()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("watchword-client-").FullName;
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
        Idm = new TestIdm(Time);
        IdmClient = new IdmClient(new IdmClientOptions { Issuer = TestIdm.Issuer, ClientId = TestIdm.ClientId }, Idm, Time);
        string keyFile = Path.Combine(Directory, "unlock.key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        Unlock = KeyStoreUnlock.FromKeyFile(keyFile);
    }

    public string Directory { get; }

    public FakeTimeProvider Time { get; }

    public TestIdm Idm { get; }

    public IdmClient IdmClient { get; }

    public KeyStoreUnlock Unlock { get; }

    public string StoreDirectory => Path.Combine(Directory, "profile");

    public string StoreFile => Path.Combine(StoreDirectory, "keystore.wwks");

    public Task<KeyStore> OpenAsync(KeyStoreOptions? options = null) =>
        KeyStore.OpenOrCreateAsync(StoreDirectory, Unlock, Time, options, TestContext.Current.CancellationToken);

    public async Task<TokenSet> LogInAsync()
    {
        using LogInCredential credential = new(TestIdm.UserName, TestIdm.Password);
        return await IdmClient.LogInAsync(new FormWalkingBrowser(Idm, credential), TestContext.Current.CancellationToken);
    }

    /// <summary>A logged-in profile.</summary>
    public async Task<TokenCache> LogInToStoreAsync(KeyStore store)
    {
        TokenCache tokens = new(IdmClient, store);
        using LogInCredential credential = new(TestIdm.UserName, TestIdm.Password);
        _ = await tokens.LogInAsync(new FormWalkingBrowser(Idm, credential), TestContext.Current.CancellationToken);
        return tokens;
    }

    public static async Task<WatchwordClientException> ShouldFailAsync(ClientFault fault, Func<Task> act)
    {
        WatchwordClientException e = await Should.ThrowAsync<WatchwordClientException>(act);
        e.Fault.ShouldBe(fault, e.ToString());
        return e;
    }

    public static WatchwordClientException ShouldFail(ClientFault fault, Action act)
    {
        WatchwordClientException e = Should.Throw<WatchwordClientException>(act);
        e.Fault.ShouldBe(fault, e.ToString());
        return e;
    }

    public void Dispose()
    {
        Unlock.Dispose();
        IdmClient.Dispose();
        Idm.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

using Watchword.Identity.Administration;

[assembly: AssemblyFixture(typeof(Watchword.Idm.Server.Tests.Support.SharedHost))]

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>One server for the tests that neither move its clock nor change its settings; each test has accounts of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    private int users;

    internal IdmHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await IdmHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>An account with all three services, under identities that no other test has.</summary>
    internal Task<AccountView> AddUserAsync()
    {
        string name = NextName();
        return Host.AddAccountAsync(
            name, $"sip:{name}.ptt@mc.example.org", $"sip:{name}.video@mc.example.org", $"sip:{name}.data@mc.example.org");
    }

    internal string NextName() => $"user{Interlocked.Increment(ref users)}";
}

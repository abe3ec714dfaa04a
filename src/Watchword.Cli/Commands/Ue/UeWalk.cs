using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;

namespace Watchword.Cli.Commands.Ue;

/// <summary>The servers of a UE, as far as they were given.</summary>
internal sealed record UeServers(string ConfigRoot, string UeId, string? GroupRoot, string? GroupServer, string? Kms);

/// <summary>Walks from a log-in to documents and group keys, over HTTP (TS 33.180 5.1.1).</summary>
internal sealed class UeWalk(Session session, TimeProvider clock, UeServers servers)
{
    private readonly List<UeStep> _steps = [];

    /// <summary>What was done.</summary>
    public IReadOnlyList<UeStep> Steps => _steps;

    /// <summary>How many group key messages were not taken.</summary>
    public int RefusedMessages { get; private set; }

    /// <summary>Does every step; the first that is refused ends it.</summary>
    public async Task RunAsync(IEnumerable<string> groups, CancellationToken cancellation)
    {
        ClientIdentity identity = session.Store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        UeInitialConfiguration initial = await BootstrapAsync(cancellation);
        await ProvisionAsync(initial, cancellation);
        SortedSet<string> wanted = new(groups, StringComparer.Ordinal);
        using (XcapClient xcap = Xcap(servers.ConfigRoot, session.Tokens))
        {
            ConfigurationClient configuration = new(xcap);
            foreach (McService service in identity.ServiceIds.Keys.Order())
            {
                wanted.UnionWith(await ConfigureAsync(configuration, service, servers.GroupServer ?? initial.GmsUri, cancellation));
            }
        }

        if (wanted.Count > 0)
        {
            await FetchGroupsAsync(initial, wanted, cancellation);
        }
    }

    private async Task<UeInitialConfiguration> BootstrapAsync(CancellationToken cancellation)
    {
        using XcapClient xcap = Xcap(servers.ConfigRoot, tokens: null);
        ServiceDocument<UeInitialConfiguration> initial = (await new ConfigurationClient(xcap).FetchInitialConfigurationAsync(
            servers.UeId, servers.UeId, cancellationToken: cancellation))!;
        Add("initial configuration", "TS 24.484 7.2", $"domain {initial.Value.Domain}");
        return initial.Value;
    }

    private async Task ProvisionAsync(UeInitialConfiguration initial, CancellationToken cancellation)
    {
        if ((servers.Kms ?? (session.Settings.Kms is null ? initial.Kms : null)) is { } url)
        {
            session.RememberKms(url);
        }

        using KmClient client = session.CreateKmClient();
        KmsInitialization kms = await client.InitializeAsync(cancellation);
        Add("KMS initialize", "TS 33.180 D.2.3", kms.Certificate.KmsUri);
        IReadOnlyList<KeySetInfo> keySets = await client.ProvisionAsync(cancellationToken: cancellation);
        Add("KMS key provision", "TS 33.180 D.2.4", $"{Printable.Number(keySets.Count)} key sets");
    }

    /// <summary>Fetches the documents of one service; gives the groups of this domain in the user profile.</summary>
    private async Task<IEnumerable<string>> ConfigureAsync(
        ConfigurationClient configuration, McService service, string? gms, CancellationToken cancellation)
    {
        _ = await TryAsync($"{service} UE configuration", "TS 24.484 8.2, 9.2, 10.2",
            () => configuration.FetchUeConfigurationAsync(service, servers.UeId, cancellationToken: cancellation));
        UserProfile? profile = await TryAsync($"{service} user profile", "TS 24.484 8.3, 9.3, 10.3",
            () => configuration.FetchUserProfileAsync(service, cancellationToken: cancellation));
        _ = await TryAsync($"{service} service configuration", "TS 24.484 8.4, 9.4, 10.4",
            () => configuration.FetchServiceConfigurationAsync(service, cancellationToken: cancellation));
        // Groups of partner domains need keys and tokens of theirs (TS 33.180 5.1.4).
        return profile?.Groups.Where(group => group.GmsUri is null || group.GmsUri == gms).Select(group => group.GroupUri) ?? [];
    }

    private async Task FetchGroupsAsync(
        UeInitialConfiguration initial, IEnumerable<string> wanted, CancellationToken cancellation)
    {
        string root = servers.GroupRoot ?? initial.GmsXcapRoot ?? throw new CliException(
            ExitCode.Usage, "the initial configuration names no group management server") { Hint = "give --group-root URL" };
        string gms = servers.GroupServer ?? initial.GmsUri ?? throw new CliException(
            ExitCode.Usage, "it is not known whose group keys are to be taken") { Hint = "give --group-server URI" };
        using XcapClient xcap = Xcap(root, session.Tokens);
        GroupClient client = new(xcap);
        ServiceKeyExchange keys = new(session.Store, clock, new ServiceKeyExchangeOptions { GroupManagementServers = [gms] });
        foreach (string group in wanted)
        {
            GroupDocument? document = await TryAsync($"group {group}", "TS 24.481 6.3.3",
                () => client.FetchAsync(group, cancellationToken: cancellation));
            if (document is not null)
            {
                GroupKeysFetched fetched = await client.FetchKeysAsync(group, keys, cancellation);
                RefusedMessages += fetched.Refused.Count;
                Add($"keys of group {group}", "TS 33.180 5.7", $"{Printable.Number(fetched.Receipts.Count)} messages");
            }
        }
    }

    /// <summary>One document; null if it is not provisioned, which is no failure.</summary>
    private async Task<T?> TryAsync<T>(string name, string clause, Func<Task<ServiceDocument<T>?>> fetch)
        where T : class
    {
        try
        {
            ServiceDocument<T>? document = await fetch();
            Add(name, clause, "fetched");
            return document!.Value;
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.ServiceDocumentNotFound)
        {
            Add(name, clause, "not provisioned");
            return null;
        }
    }

    private XcapClient Xcap(string root, TokenCache? tokens) => new(
        new XcapClientOptions
        {
            Root = root,
            HttpProxy = session.Settings.HttpProxy is { } proxy ? new HomeHttpProxy { Url = proxy } : null,
        },
        session.Trust, tokens, clock);

    private void Add(string name, string clause, string result) => _steps.Add(new UeStep(name, clause, result));
}

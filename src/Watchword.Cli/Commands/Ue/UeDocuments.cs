using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;

namespace Watchword.Cli.Commands.Ue;

/// <summary>Configuration and group documents, and the keys of the groups (TS 33.180 5.1.3.1, C-4 and C-5).</summary>
internal sealed class UeDocuments(UeContext context, UeSubscriptions subscriptions)
{
    private readonly UeScript _script = context.Script;
    private readonly SortedDictionary<McService, UserProfile> _profiles = [];

    /// <summary>The user profiles that were fetched.</summary>
    public IReadOnlyDictionary<McService, UserProfile> Profiles => _profiles;

    /// <summary>Subscribes to the configuration of each service, and fetches it.</summary>
    public async Task ConfigureAsync(IReadOnlyList<McService> services, CancellationToken cancellation)
    {
        using XcapClient xcap = context.Xcap(context.State.ConfigurationRoot!);
        ConfigurationClient client = new(xcap);
        foreach (McService service in services)
        {
            await ConfigureAsync(client, service, cancellation);
        }
    }

    /// <summary>Subscribes to the groups of the user profiles, and fetches groups and keys.</summary>
    /// <param name="others">Groups besides those of the profiles.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task JoinAsync(IEnumerable<string> others, CancellationToken cancellation)
    {
        SortedSet<string> wanted = new(others, StringComparer.Ordinal);
        foreach ((McService service, UserProfile profile) in _profiles)
        {
            string[] groups = [.. OfDomain(profile)];
            wanted.UnionWith(groups);
            if (groups.Length > 0)
            {
                await SubscribeAsync(service, groups, cancellation);
            }
        }

        if (wanted.Count > 0)
        {
            await FetchAsync(wanted, cancellation);
        }
    }

    private async Task ConfigureAsync(ConfigurationClient client, McService service, CancellationToken cancellation)
    {
        string name = UeContext.NamesOf(service).Name;
        string ue = context.State.UeId!;
        int index = context.ProfileIndex;
        (string ueClause, string profileClause, string serviceClause) = service switch
        {
            McService.Mcptt => ("8.2", "8.3", "8.4"),
            McService.McVideo => ("9.2", "9.3", "9.4"),
            _ => ("10.2", "10.3", "10.4"),
        };
        _ = await subscriptions.SubscribeAsync(
            $"{name} configuration subscription", "TS 33.180 5.1.3.1 C-4, TS 24.484 6.3.13", service, McResource.ConfigurationManagement,
            context.State.ConfigurationServer, client.DocumentsOf(service, ue, index), cancellation);
        _ = await _script.TryFetchAsync(
            $"{name} UE configuration", $"TS 33.180 5.1.3.1 C-4, TS 24.484 {ueClause}",
            () => client.FetchUeConfigurationAsync(service, ue, cancellationToken: cancellation));
        if (await _script.TryFetchAsync(
            $"{name} user profile", $"TS 33.180 5.1.3.1 C-4, TS 24.484 {profileClause}",
            () => client.FetchUserProfileAsync(service, index, cancellationToken: cancellation)) is { } profile)
        {
            _profiles.Add(service, profile);
        }

        _ = await _script.TryFetchAsync(
            $"{name} service configuration", $"TS 33.180 5.1.3.1 C-4, TS 24.484 {serviceClause}",
            () => client.FetchServiceConfigurationAsync(service, cancellationToken: cancellation));
    }

    // Groups of partner domains need keys and tokens of theirs (TS 33.180 5.1.4).
    private IEnumerable<string> OfDomain(UserProfile profile) => profile.Groups
        .Where(group => group.GmsUri is null || group.GmsUri == context.GroupServer).Select(group => group.GroupUri);

    /// <summary>Keys come with the notification (TS 33.180 7.3).</summary>
    private async Task SubscribeAsync(McService service, string[] groups, CancellationToken cancellation)
    {
        DocumentSelector[] documents = [.. groups.Select(GroupClient.DocumentOf)];
        string name = UeContext.NamesOf(service).Name;
        DocumentNotification? notification = await subscriptions.SubscribeAsync(
            $"{name} groups subscription", "TS 33.180 5.1.3.1 C-5, TS 24.481 6.3.13", service, McResource.GroupManagement,
            context.GroupServer, documents, cancellation);
        if (notification is not { KeyMessages.Count: > 0 })
        {
            return;
        }

        int taken = notification.KeyMessages.Count(context.TakeKeyOfNotification);
        _script.Done(
            $"{name} group keys by NOTIFY", "TS 33.180 5.7, 7.3",
            $"{Printable.Number(taken)} of {Printable.Number(notification.KeyMessages.Count)} taken");
    }

    private async Task FetchAsync(IEnumerable<string> wanted, CancellationToken cancellation)
    {
        const string name = "groups";
        const string clause = "TS 33.180 5.1.3.1 C-5, TS 24.481 6.3.3";
        if ((context.State.GroupRoot ?? context.Initial.GmsXcapRoot) is not { } root || context.GroupServer is null)
        {
            _script.Fail(name, clause, new CliException(ExitCode.Usage, "the initial configuration names no group management server")
            {
                Clause = "TS 24.484 7.2.2.1",
                Hint = "give --group-root URL and --group-server URI",
            });
            return;
        }

        using XcapClient xcap = context.Xcap(root);
        GroupClient client = new(xcap);
        ServiceKeyExchange keys = context.Keys;
        foreach (string group in wanted)
        {
            GroupDocument? document = await _script.TryFetchAsync(
                $"group {group}", clause, () => client.FetchAsync(group, cancellationToken: cancellation));
            if (document is not null)
            {
                await FetchKeysAsync(client, keys, group, cancellation);
            }
        }
    }

    private Task<bool> FetchKeysAsync(GroupClient client, ServiceKeyExchange keys, string group, CancellationToken cancellation) =>
        _script.TryAsync($"keys of group {group}", "TS 33.180 5.1.3.1 C-5, 5.7", async () =>
        {
            GroupKeysFetched fetched = await AskAsync(client, keys, group, cancellation);
            _script.Refuse(fetched.Refused.Count);
            int added = fetched.Receipts.Count(receipt => receipt.Change == ServiceKeyChange.Added);
            return $"{Printable.Number(fetched.Receipts.Count)} messages, {Printable.Number(added)} new keys";
        });

    /// <summary>Asks, and again where the server is busy: its own keys may be on their way.</summary>
    private async Task<GroupKeysFetched> AskAsync(
        GroupClient client, ServiceKeyExchange keys, string group, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await client.FetchKeysAsync(group, keys, cancellation);
            }
            catch (WatchwordClientException busy) when (busy.Fault == ClientFault.ServiceBusy && attempt < UePauses.Attempts)
            {
                await UePauses.WaitAsync(busy.RetryAfter, context.Clock, cancellation);
            }
        }
    }
}

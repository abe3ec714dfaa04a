using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>Undoes what <see cref="UePowerOn"/> did at the servers, in the opposite order.</summary>
internal sealed class UePowerOff(UeContext context)
{
    private const string RegisterClause = "TS 24.379 7.2.1, TS 24.229 5.1.1.6";
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(10);
    private readonly UeScript _script = context.Script;

    /// <summary>Takes every step.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (context.State.Core is not { } core || context.State is { Registration: null, Authorizations: [], Subscriptions: [] })
        {
            _script.Skip("servers", "TS 24.379 7.2.3", "nothing stands at them");
            await WipeAsync([]);
            return;
        }

        UeSipAgent? agent = null;
        _ = await _script.TryAsync("SIP user agent", "TS 33.180 5.1.1 B, TS 24.229 5.1", async () =>
        {
            UeSipOptions.RequireForTls(core, context.Session.Settings);
            agent = await UeSipAgent.StartAsync(core, context.Session.Certificate, context.TakeKey, cancellation);
            return $"{agent.ContactOf(context.State.PublicUserIdentity!)}, by way of {core.Proxy}";
        });
        if (agent is null)
        {
            return;
        }

        await using (agent)
        {
            await UnsubscribeAsync(agent, cancellation);
            await LogOffAsync(agent, cancellation);
            await DeregisterAsync(agent, cancellation);
        }

        await WipeAsync([.. context.State.Authorizations.Select(known => known.Service)]);
    }

    /// <summary>Forgets everything and wipes the keys, and tells nobody.</summary>
    public Task ForgetAsync()
    {
        context.Keep(state => state with { Registration = null, Authorizations = [], Subscriptions = [] });
        _script.Done("servers", "TS 24.379 7.2.3", "not told; what stands there ends with its time");
        return WipeAsync([]);
    }

    private async Task UnsubscribeAsync(UeSipAgent agent, CancellationToken cancellation)
    {
        foreach (UeSubscription known in context.State.Subscriptions)
        {
            bool isGroups = known.Resource == McResource.GroupManagement;
            string what = isGroups ? "groups" : "configuration";
            string clause = $"TS 24.48{(isGroups ? 1 : 4)} 6.3.13, RFC 6665 §4.1.2.3";
            _ = await _script.TryAsync($"{UeContext.NamesOf(known.Service).Name} {what} unsubscribed", clause, async () =>
            {
                DocumentSubscriptionClient client = UeSubscriptions.Client(
                    context, agent, known.Service, known.Resource, known.ServerUri, expiresSeconds: 0);
                client.Resume(known.Dialog);
                SipResponse response = await client.UnsubscribeAsync(cancellation);
                // 481: there is none any more, which is what was asked for.
                _ = response.StatusCode == 481 ? response : UeRefusals.RequireSubscribed(response, clause);
                context.Keep(state => state with { Subscriptions = [.. state.Subscriptions.Where(one => one != known)] });
                return response.IsSuccess
                    ? await IsLastHeardAsync(client, cancellation) ? "200; last NOTIFY taken" : "200"
                    : "there was none any more";
            });
        }
    }

    /// <summary>A server owes a last notification; that it does not come is no failure, the subscription is over either way.</summary>
    private static async Task<bool> IsLastHeardAsync(DocumentSubscriptionClient client, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LastWait);
        try
        {
            while ((await client.NextAsync(limit.Token)).State.Phase != SubscriptionPhase.Terminated)
            {
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task LogOffAsync(UeSipAgent agent, CancellationToken cancellation)
    {
        foreach (UeAuthorization known in context.State.Authorizations)
        {
            string clause = $"{UeServices.Specification(known.Service)} 7.2.3, 7.3.5";
            _ = await _script.TryAsync($"{UeContext.NamesOf(known.Service).Name} log-off", clause, async () =>
            {
                ServiceAuthorizationClient client = UeServices.Resume(context, agent, known, expiresSeconds: 0);
                ServiceAuthorizationResult result = await client.LogOffAsync(cancellation);
                bool isNone = result.Outcome == ServiceAuthorizationOutcome.UserUnknown;
                _ = isNone ? result : UeRefusals.Require(result, known.Service, clause);
                context.Keep(state => state with { Authorizations = [.. state.Authorizations.Where(one => one != known)] });
                return isNone
                    ? "no authorisation stood any more"
                    : string.Create(CultureInfo.InvariantCulture, $"{result.StatusCode}, Expires 0");
            });
        }
    }

    private async Task DeregisterAsync(UeSipAgent agent, CancellationToken cancellation)
    {
        if (context.State.Registration is null)
        {
            return;
        }

        _ = await _script.TryAsync("SIP registration ended", RegisterClause, async () =>
        {
            (SipRequest request, SipRegistration next) = UeRegistration.Next(context, agent).CreateRegister([], expires: 0);
            context.Keep(state => state with { Registration = next });
            SipResponse response = UeRefusals.RequireRegistered(await agent.SendAsync(request, cancellation), RegisterClause);
            context.Keep(state => state with { Registration = null });
            return string.Create(CultureInfo.InvariantCulture, $"{response.StatusCode}, Expires 0");
        });
    }

    /// <summary>Wipes every CSK but those under which services that still stand have to be logged off.</summary>
    private Task<bool> WipeAsync(IReadOnlyCollection<McService> standing)
    {
        KeyStore store = context.Session.Store;
        HashSet<string> kept = [.. standing.Select(service => store.Identity?.For(service)).OfType<string>()];
        return _script.TryAsync("CSKs wiped", "TS 33.180 5.4", () =>
        {
            ServiceKeyInfo[] keys = [.. store.ServiceKeys.Where(
                key => key is { Purpose: KeyPurpose.Csk, IsRevoked: false } && !kept.Contains(key.OwnerUri))];
            foreach (ServiceKeyInfo key in keys)
            {
                _ = store.RevokeServiceKey(key);
            }

            string left = standing.Count == 0 ? "none is left" : "those of services that still stand are kept";
            return Task.FromResult($"{Printable.Number(keys.Length)} besides those that log-off wiped; {left}");
        });
    }
}

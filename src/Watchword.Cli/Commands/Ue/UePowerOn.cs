using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Ue;

/// <summary>From a user who is logged in to documents and group keys (TS 33.180 5.1.3.1, C-2 to C-5).</summary>
internal sealed class UePowerOn(UeContext context, Invocation invocation, UeUpOptions options)
{
    private readonly UeScript _script = context.Script;

    /// <summary>Takes every step.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!await ProvisionAsync(cancellation))
        {
            return;
        }

        List<McService> services = await TokensAsync(cancellation);
        await using UeSipAgent? agent = await StartAgentAsync(cancellation);
        UeServices authorization = new(context, agent, new UeServiceTerms(
            options.ByRegister(invocation), options.InClear(invocation), options.Expires(invocation)));
        await authorization.AuthorizeAsync(services, cancellation);
        UeSubscriptions subscriptions = new(context, agent, options.Expires(invocation));
        UeDocuments documents = new(context, subscriptions);
        await documents.ConfigureAsync(services, cancellation);
        await authorization.SelectAsync(documents.Profiles, cancellation);
        await documents.JoinAsync(options.Groups(invocation), cancellation);
    }

    private async Task<bool> ProvisionAsync(CancellationToken cancellation)
    {
        Session session = context.Session;
        if (session.Settings.Kms is null && context.Initial.Kms is { } url)
        {
            session.RememberKms(url);
        }

        KmClient? made = null;
        if (!await _script.TryAsync("KMS initialize", "TS 33.180 5.1.3.1 C-2, D.2.3", async () =>
        {
            made = session.CreateKmClient();
            return (await made.InitializeAsync(cancellation)).Certificate.KmsUri;
        }))
        {
            made?.Dispose();
            return false;
        }

        using KmClient client = made!;
        return await _script.TryAsync("KMS key provision", "TS 33.180 5.1.3.1 C-2, D.2.4", async () =>
        {
            IReadOnlyList<KeySetInfo> keySets = await client.ProvisionAsync(cancellationToken: cancellation);
            return $"{Printable.Number(keySets.Count)} key sets";
        });
    }

    /// <summary>A token for each service and no more in it than that service; those that were given one.</summary>
    private async Task<List<McService>> TokensAsync(CancellationToken cancellation)
    {
        List<McService> given = [];
        foreach (McService service in context.Services)
        {
            if (await _script.TryAsync($"{UeContext.NamesOf(service).Name} token", "TS 33.180 B.5, B.4.2.2", async () =>
            {
                _ = await context.Session.Tokens.GetAccessTokenAsync(
                    AccessTokenTarget.For(service, McResource.Service), cancellation);
                return McScopes.For(service, McResource.Service);
            }))
            {
                given.Add(service);
            }
        }

        return given;
    }

    private async Task<UeSipAgent?> StartAgentAsync(CancellationToken cancellation)
    {
        const string name = "SIP user agent";
        const string clause = "TS 33.180 5.1.1 B, TS 24.229 5.1";
        if (context.State.Core is not { } core)
        {
            _script.Skip(name, clause, "no --sip-proxy: nothing goes over SIP");
            return null;
        }

        UeSipAgent? agent = null;
        _ = await _script.TryAsync(name, clause, async () =>
        {
            UeSipOptions.RequireForTls(core, context.Session.Settings);
            agent = await UeSipAgent.StartAsync(core, context.Session.Certificate, context.TakeKey, cancellation);
            return $"{agent.ContactOf(context.State.PublicUserIdentity!)}, by way of {core.Proxy}";
        });
        return agent;
    }
}

using Watchword.Cli.Commands.Login;
using Watchword.Cli.Profiles;
using Watchword.Client;
using Watchword.Identity;
using Watchword.McServices.Configuration;

namespace Watchword.Cli.Commands.Ue;

/// <summary>From nothing to a user who is logged in: initial configuration, then user authentication (TS 33.180 5.1.1, step A).</summary>
internal sealed class UeBootstrap(Invocation invocation, UeUpOptions options, UeScript script)
{
    private const string LogInClause = "TS 33.180 5.1.2, B.4";

    /// <summary>Comes up so far; null if a step failed, without which nothing goes on.</summary>
    public async Task<UeContext?> RunAsync(CancellationToken cancellation)
    {
        ProfileLocation location = ProfileLocation.Find(invocation);
        ProfileSettings? known = ProfileSettings.Read(location);
        UeState state = options.Apply(invocation, UeState.Read(location) ?? UeState.New());
        UeInitialConfiguration? initial = null;
        if (!await script.TryAsync("initial configuration", "TS 24.484 7.2", async () =>
        {
            initial = await FetchAsync(known, state, cancellation);
            return $"domain {initial.Domain}, profile index {Printable.Number(initial.DefaultUserProfile?.Index ?? 0)}";
        }))
        {
            return null;
        }

        Session? session = null;
        if (!await script.TryAsync("user authentication", LogInClause, async () =>
        {
            (session, string result) = await AuthenticateAsync(known, initial!, cancellation);
            return result;
        }))
        {
            return null;
        }

        try
        {
            options.Remember(invocation, session!);
            state.Write(session!.Location);
            UeContext context = new(session, state, initial, script, invocation.Io.Clock);
            await ConnectAsync(context);
            return context;
        }
        catch
        {
            session!.Dispose();
            throw;
        }
    }

    private async Task<UeInitialConfiguration> FetchAsync(ProfileSettings? known, UeState state, CancellationToken cancellation)
    {
        using TlsTrust trust = ConnectionOptions.Trust(invocation.Get(options.LogIn.Ca) ?? known?.Ca);
        string? proxy = invocation.Get(options.HttpProxy) is { } asked ? ConnectionOptions.HttpProxyOf(asked) : known?.HttpProxy;
        (string? file, string? key) = options.Certificate(invocation, known);
        using var certificate = proxy is not null && file is not null ? TlsFiles.Read(file, key!) : null;
        using XcapClient xcap = new(
            new XcapClientOptions
            {
                Root = state.ConfigurationRoot!,
                HttpProxy = proxy is null ? null : new HomeHttpProxy { Url = proxy, ClientCertificate = certificate },
            },
            trust, tokens: null, invocation.Io.Clock);
        return (await new ConfigurationClient(xcap).FetchInitialConfigurationAsync(
            state.UeId!, state.UeId!, cancellationToken: cancellation))!.Value;
    }

    /// <summary>Goes on with the log-in that the profile has, or logs in.</summary>
    private async Task<(Session Session, string Result)> AuthenticateAsync(
        ProfileSettings? known, UeInitialConfiguration initial, CancellationToken cancellation)
    {
        if (known is not null && KeyStore.Exists(ProfileLocation.Find(invocation).Directory))
        {
            Session? opened = await Session.OpenAsync(invocation, cancellation);
            try
            {
                if (opened.Store.IsLoggedIn && await HoldsAsync(opened, cancellation))
                {
                    Session session = opened;
                    opened = null;
                    return (session, $"logged in already, {Services(session.Store.Identity!)}");
                }
            }
            finally
            {
                opened?.Dispose();
            }
        }

        ProfileSettings settings = options.LogIn.Settings(
            invocation, known, OriginOf(initial.IdmsAuthEndpoint), initial.IdmClientId);
        (ProfileBuilder profile, ClientIdentity identity) = await options.LogIn.RunAsync(
            invocation, settings, [McScopes.OpenId, McScopes.OfflineAccess, .. McScopes.All], cancellation);
        using (profile)
        {
            return (Session.Of(profile, invocation.Io.Clock), $"logged in at {identity.Issuer}, {Services(identity)}");
        }
    }

    /// <summary>Whether the log-in that is kept still gives tokens.</summary>
    private static async Task<bool> HoldsAsync(Session session, CancellationToken cancellation)
    {
        try
        {
            _ = await session.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            return true;
        }
        catch (WatchwordClientException fault) when (fault.Fault is ClientFault.NotLoggedIn or ClientFault.RefreshRefused)
        {
            return false;
        }
    }

    private static string? OriginOf(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) ? url.GetLeftPart(UriPartial.Authority) : null;

    private static string Services(ClientIdentity identity) => identity.ServiceIds.Count == 0
        ? "no MC service"
        : string.Join(", ", identity.ServiceIds.OrderBy(pair => pair.Key).Select(pair => UeContext.NamesOf(pair.Key).Name));

    /// <summary>Takes the HTTP proxy of the initial configuration where nothing else was said (TS 33.180 5.1.3.1, C-1).</summary>
    private static async Task ConnectAsync(UeContext context)
    {
        const string name = "HTTP proxy";
        const string clause = "TS 33.180 5.1.3.1 C-1, 6.1";
        Session session = context.Session;
        string? named = context.State.WithoutHttpProxy ? null : session.Settings.HttpProxy ?? context.Initial.HttpProxy;
        if (named is null)
        {
            context.Script.Skip(name, clause, "none");
            return;
        }

        _ = await context.Script.TryAsync(name, clause, () =>
        {
            if (named != session.Settings.HttpProxy)
            {
                session.RememberHttpProxy(named);
            }

            bool isMutual = session.Certificate is not null;
            return !isMutual && context.Initial.MutualAuthentication
                ? throw new CliException(ExitCode.Usage, "the HTTP proxy wants a certificate of the UE")
                {
                    Clause = "TS 33.180 6.1.2",
                    Hint = "give --tls-certificate FILE and --tls-key FILE",
                }
                : Task.FromResult($"{named}, {(isMutual ? "mutual certificates" : "its certificate alone")}");
        });
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Profiles;
using Watchword.Cli.Secrets;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Login;

/// <summary><c>watchword login</c>: makes the profile on first use, and logs its user in.</summary>
internal sealed class LoginCommand : CliCommand
{
    /// <summary>The public client that an IdM server of this project registers for this command.</summary>
    private const string DefaultClientId = "watchword-cli";

    private readonly Option<string?> idm = new("--idm")
    {
        Description = "issuer URL of the IdM server, https (default: that of the profile)",
        HelpName = "URL",
    };
    private readonly Option<string?> ca = ConnectionOptions.Ca();
    private readonly Option<string?> clientId = new("--client-id")
    {
        Description = $"OAuth client id (default: that of the profile, or {DefaultClientId})",
        HelpName = "ID",
    };
    private readonly Option<string?> kms = new("--kms")
    {
        Description = "https URL of the KMS, kept for later commands",
        HelpName = "URL",
    };
    private readonly Option<string?> httpProxy = ConnectionOptions.HttpProxy();
    private readonly Option<string?> user = new("--user")
    {
        Description = "log in as this user by the log-in form, without a browser",
        HelpName = "NAME",
    };
    private readonly Option<bool> passwordStdin = new("--password-stdin")
    {
        Description = "with --user: read the password from the first line of standard input",
    };
    private readonly Option<bool> admin = new("--admin")
    {
        Description = "ask for the right to manage the IdM server, and for nothing else",
    };
    private readonly Option<string?> kmsRole = new("--kms-role")
    {
        Description = "ask for this role at the admin API of the KMS, and for nothing else: "
            + string.Join(", ", KmsRoleScopes.Roles),
        HelpName = "ROLE",
    };
    private readonly Option<string?> kmsAdmin = new("--kms-admin")
    {
        Description = "https URL of the admin API of the KMS, kept for later commands",
        HelpName = "URL",
    };
    private readonly Option<string?> newKeyFile = new("--new-key-file")
    {
        Description = "on first use: make this key file (mode 0600) for the key store and remember it",
        HelpName = "FILE",
    };

    public LoginCommand(Surroundings surroundings)
        : base("login", "log in at an IdM server (TS 33.180 B.4)", surroundings)
    {
        foreach (Option option in (Option[])[idm, ca, clientId, kms, httpProxy, user, passwordStdin, admin, kmsRole, kmsAdmin, newKeyFile])
        {
            Add(option);
        }
    }

    public override string Details => """
        Without `--user` the system's browser opens the log-in page and the answer comes back to a port of 127.0.0.1.
        With `--user` the command fills in the form itself; the password is asked for, or read from standard input.
        Without a browser and without a terminal it fails at once.
        Either way it is authorization code with PKCE, and nothing is kept unless the ID token is valid.

        The first log-in makes the profile and its key store; if it fails, nothing is left behind. A profile belongs to
        one user at one IdM server: another user needs another `--profile`. URLs and the CA are remembered. With
        `--admin` the log-in serves the commands `user` and `oidc-client` and no MC service: use a profile of its own
        for it. With `--kms-role` it serves `domain`, `client enrol` and its like, `partner`, `audit`, `backup` and `custody`,
        in that role; again with a profile of its own.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("profile", "string", "name of the profile"),
        new("created", "boolean", "true if the profile was made by this log-in"),
        new("directory", "string", "directory of the profile"),
        new("issuer", "string", "the IdM server"),
        new("subject", "string", "`sub` of the user"),
        new("clientId", "string", "OAuth client id"),
        new("mcpttId", "string", "MCPTT ID", Optional: true),
        new("mcvideoId", "string", "MCVideo ID", Optional: true),
        new("mcdataId", "string", "MCData ID", Optional: true),
        new("scopes[]", "string", "scope granted", Optional: true),
        new("kms", "string", "URL of the KMS", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ProfileLocation location = ProfileLocation.Find(invocation);
        if (invocation.Get(kmsRole) is { } role
            && (invocation.Get(admin) || !KmsRoleScopes.Roles.Contains(role, StringComparer.Ordinal)))
        {
            throw new CliException(ExitCode.Usage, "--kms-role takes one role, and stands without --admin")
            {
                Hint = $"the roles are {string.Join(", ", KmsRoleScopes.Roles)}",
            };
        }

        ProfileSettings settings = Settings(invocation, ProfileSettings.Read(location));
        using TlsTrust trust = ConnectionOptions.Trust(settings.Ca);
        using LogInCredential? credential = Credential(invocation);
        using IdmClient idmClient = await FindIdmAsync(invocation, settings, trust, cancellationToken);
        settings = settings with { Idm = idmClient.Options.Issuer };

        using ProfileBuilder builder = await ProfileBuilder.OpenAsync(
            invocation, location, settings, invocation.Get(newKeyFile), cancellationToken);
        ClientIdentity identity = await LogInAsync(
            invocation, new TokenCache(idmClient, builder.Store), trust, credential, cancellationToken);
        builder.Keep();
        Print(invocation, builder, identity);
    }

    private static async Task<ClientIdentity> LogInAsync(
        Invocation invocation,
        TokenCache tokens,
        TlsTrust trust,
        LogInCredential? credential,
        CancellationToken cancellationToken)
    {
        if (credential is not null)
        {
            using SocketsHttpHandler handler = trust.CreateHandler();
            return await tokens.LogInAsync(new FormWalkingBrowser(handler, credential), cancellationToken);
        }

        // Where nobody reads the address, a browser that does not start is an error at once and not after the time-out.
        using SystemBrowser browser = new(
            invocation.Io.Clock,
            announce: invocation.Io.CanPrompt ? address => invocation.Report.Note($"log in at {address.AbsoluteUri}") : null,
            open: invocation.Io.OpenBrowser);
        return await tokens.LogInAsync(browser, cancellationToken);
    }

    private ProfileSettings Settings(Invocation invocation, ProfileSettings? known)
    {
        string issuer = invocation.Get(idm) ?? known?.Idm
            ?? throw new CliException(ExitCode.Usage, "the IdM server is not known")
            {
                Hint = "give --idm URL; later log-ins of this profile need it no more",
            };
        return new ProfileSettings
        {
            Idm = issuer,
            ClientId = invocation.Get(clientId) ?? known?.ClientId ?? DefaultClientId,
            Ca = invocation.Get(ca) is { } file ? Path.GetFullPath(file) : known?.Ca,
            Kms = invocation.Get(kms) ?? known?.Kms,
            HttpProxy = invocation.Get(httpProxy) is { } proxy ? ConnectionOptions.HttpProxyOf(proxy) : known?.HttpProxy,
            KmsAdmin = invocation.Get(kmsAdmin) ?? known?.KmsAdmin,
            User = invocation.Get(user) ?? known?.User,
            KeyFile = known?.KeyFile,
        };
    }

    // Before the store is touched: a password that cannot be had is no reason to make a profile.
    private LogInCredential? Credential(Invocation invocation)
    {
        if (invocation.Get(user) is not { } name)
        {
            return invocation.Get(passwordStdin)
                ? throw new CliException(ExitCode.Usage, "--password-stdin needs --user") { Hint = "give --user NAME" }
                : null;
        }

        using SecretText password = invocation.Get(passwordStdin)
            ? SecretInput.FromStandardInput(invocation.Io, "password")[0]
            : SecretInput.Prompt(invocation.Io, $"password of {name}", "pipe the password in with --password-stdin");
        return password.Length <= LogInCredential.MaxPasswordOctets
            ? password.Use(text => new LogInCredential(name, text))
            : throw new CliException(ExitCode.Usage, $"the password is longer than {LogInCredential.MaxPasswordOctets} octets");
    }

    // An issuer is compared octet by octet, and many end in a slash that people leave out: of a URL without path both are tried.
    private async Task<IdmClient> FindIdmAsync(
        Invocation invocation, ProfileSettings settings, TlsTrust trust, CancellationToken cancellationToken)
    {
        IdmClient client = Create(settings.Idm);
        try
        {
            await client.GetMetadataAsync(cancellationToken);
            return client;
        }
        catch (WatchwordClientException fault) when (fault.Fault == ClientFault.IssuerMismatch && Other(settings.Idm) is not null)
        {
            client.Dispose();
            client = Create(Other(settings.Idm)!);
            await client.GetMetadataAsync(cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }

        IdmClient Create(string issuer) => new(
            new IdmClientOptions
            {
                Issuer = issuer,
                ClientId = settings.ClientId,
                Scopes = [McScopes.OpenId, McScopes.OfflineAccess, .. invocation.Get(admin)
                    ? [McScopes.IdmAdministration]
                    : invocation.Get(kmsRole) is { } role ? [KmsRoleScopes.ScopeOf(role)] : McScopes.All],
            },
            trust,
            invocation.Io.Clock);

        static string? Other(string issuer) =>
            !Uri.TryCreate(issuer, UriKind.Absolute, out Uri? url) || url.AbsolutePath != "/" ? null
            : issuer.EndsWith('/') ? issuer[..^1]
            : issuer + "/";
    }

    private static void Print(Invocation invocation, ProfileBuilder builder, ClientIdentity identity)
    {
        IEnumerable<string> granted = builder.Store.Tokens?.GrantedScopes ?? new HashSet<string>();
        IReadOnlyList<string> scopes = [.. granted.Order(StringComparer.Ordinal)];
        JsonObject machine = new()
        {
            ["profile"] = builder.Location.Name,
            ["created"] = builder.Created,
            ["directory"] = builder.Location.Directory,
            ["issuer"] = identity.Issuer,
            ["subject"] = identity.Subject,
            ["clientId"] = identity.ClientId,
        };
        foreach ((McService service, string uri) in identity.ServiceIds)
        {
            machine[Keys.KeySetText.ServiceName(service) + "Id"] = uri;
        }

        machine["scopes"] = new JsonArray([.. scopes.Select(scope => (JsonNode)JsonValue.Create(scope))]);
        if (builder.Settings.Kms is { } url)
        {
            machine["kms"] = url;
        }

        invocation.Report.Result(machine, human => human.Fields(
        [
            ("profile", builder.Location.Name + (builder.Created ? " (new)" : string.Empty)),
            ("idm", identity.Issuer),
            ("subject", identity.Subject),
            ("mcptt id", identity.ServiceIds.GetValueOrDefault(McService.Mcptt)),
            ("mcvideo id", identity.ServiceIds.GetValueOrDefault(McService.McVideo)),
            ("mcdata id", identity.ServiceIds.GetValueOrDefault(McService.McData)),
            ("scopes", Printable.Number(scopes.Count)),
            ("kms", builder.Settings.Kms),
        ]));
    }
}

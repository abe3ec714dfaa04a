using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Profiles;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Login;

/// <summary><c>watchword login</c>: makes the profile on first use, and logs its user in.</summary>
internal sealed class LoginCommand : CliCommand
{
    private readonly LogInProcedure logIn = new();
    private readonly Option<string?> kms = new("--kms")
    {
        Description = "https URL of the KMS, kept for later commands",
        HelpName = "URL",
    };
    private readonly Option<string?> httpProxy = ConnectionOptions.HttpProxy();
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

    public LoginCommand(Surroundings surroundings)
        : base("login", "log in at an IdM server (TS 33.180 B.4)", surroundings)
    {
        foreach (Option option in (Option[])[
            logIn.Idm, logIn.Ca, logIn.ClientId, kms, httpProxy, logIn.User, logIn.PasswordStdin, admin, kmsRole, kmsAdmin,
            logIn.NewKeyFile])
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
        if (invocation.Get(kmsRole) is { } role
            && (invocation.Get(admin) || !KmsRoleScopes.Roles.Contains(role, StringComparer.Ordinal)))
        {
            throw new CliException(ExitCode.Usage, "--kms-role takes one role, and stands without --admin")
            {
                Hint = $"the roles are {string.Join(", ", KmsRoleScopes.Roles)}",
            };
        }

        ProfileSettings? known = ProfileSettings.Read(ProfileLocation.Find(invocation));
        ProfileSettings settings = logIn.Settings(invocation, known) with
        {
            Kms = invocation.Get(kms) ?? known?.Kms,
            HttpProxy = invocation.Get(httpProxy) is { } proxy ? ConnectionOptions.HttpProxyOf(proxy) : known?.HttpProxy,
            KmsAdmin = invocation.Get(kmsAdmin) ?? known?.KmsAdmin,
        };
        (ProfileBuilder builder, ClientIdentity identity) = await logIn.RunAsync(
            invocation, settings, Scopes(invocation), cancellationToken);
        using (builder)
        {
            Print(invocation, builder, identity);
        }
    }

    private IReadOnlyList<string> Scopes(Invocation invocation) =>
    [
        McScopes.OpenId, McScopes.OfflineAccess, .. invocation.Get(admin)
            ? [McScopes.IdmAdministration]
            : invocation.Get(kmsRole) is { } role ? [KmsRoleScopes.ScopeOf(role)] : McScopes.All,
    ];

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

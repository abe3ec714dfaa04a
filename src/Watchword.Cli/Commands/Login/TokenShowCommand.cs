using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Login;

/// <summary><c>watchword token show</c>: the claims, and the token itself only with <c>--reveal</c>.</summary>
internal sealed class TokenShowCommand : CliCommand
{
    private const string IdToken = "id";
    private const string Administration = "idm-administration";

    private static readonly Dictionary<string, McResource> Resources = new(StringComparer.Ordinal)
    {
        ["key-management"] = McResource.KeyManagement,
        ["service"] = McResource.Service,
        ["configuration-management"] = McResource.ConfigurationManagement,
        ["group-management"] = McResource.GroupManagement,
    };

    private static readonly Dictionary<string, McService> Services = new(StringComparer.Ordinal)
    {
        ["mcptt"] = McService.Mcptt,
        ["mcvideo"] = McService.McVideo,
        ["mcdata"] = McService.McData,
    };

    private readonly Option<string> target = new("--for")
    {
        Description = $"`{IdToken}`: the ID token; else the access token for `key-management`, `service`, "
            + $"`configuration-management`, `group-management` or `{Administration}`",
        HelpName = "TARGET",
        DefaultValueFactory = _ => IdToken,
    };

    private readonly Option<string?> service = new("--service")
    {
        Description = "narrow the access token to `mcptt`, `mcvideo` or `mcdata`",
        HelpName = "SERVICE",
    };
    private readonly Option<string?> partner = new("--partner")
    {
        Description = "the access token of another domain: issuer URL of its IdM server, https",
        HelpName = "URL",
    };
    private readonly Option<string?> partnerResource = new("--partner-resource")
    {
        Description = "what the own IdM server knows that partner by (default: its issuer)",
        HelpName = "URI",
    };
    private readonly Option<bool> reveal = new("--reveal")
    {
        Description = "show the token itself: whoever has it can use it until it ends",
    };

    public TokenShowCommand(Surroundings surroundings)
        : base("show", "show the claims of a token; the token itself only with --reveal", surroundings)
    {
        target.AcceptOnlyFromAmong([IdToken, Administration, .. Resources.Keys]);
        service.AcceptOnlyFromAmong([.. Services.Keys]);
        Add(target);
        Add(service);
        Add(partner);
        Add(partnerResource);
        Add(reveal);
    }

    public override string Details => """
        Shows the ID token of the log-in, or an access token as it goes to one kind of server; a missing or old access
        token is fetched anew, narrowed to that server. The claims are shown as they are written in the token; a client
        must not act on those of an access token (TS 33.180 B.2.2). With `--reveal` and without `--json` the token is
        all that is printed, for use in a pipe.

        With `--partner` the token is one of another domain (TS 33.180 5.1.4): the own IdM server vouches for the user
        by a security token, which the partner's redeems (B.7). The client id must be registered in both domains. The
        token is kept in the profile under the partner's issuer, and is got anew in the same way when it has ended.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("target", "string", "what was asked for"),
        new("scopes[]", "string", "scope granted to the log-in (ID token) or held by the access token", Optional: true),
        new("expiresAt", "string, RFC 3339", "when the access token ends", Optional: true),
        new("claims.*", "any", "claims of the token as it has them; absent if it is no JWS", Optional: true),
        new("token", "string", "the token; only with `--reveal`", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string name = invocation.Required(target);
        string? narrowed = invocation.Get(service);
        if (narrowed is not null && !Resources.ContainsKey(name))
        {
            throw new CliException(ExitCode.Usage, $"--service does not go with --for {name}")
            {
                Hint = "use it with --for key-management",
            };
        }

        string? issuer = invocation.Get(partner);
        if (issuer is null ? invocation.Get(partnerResource) is not null : !Resources.ContainsKey(name))
        {
            throw new CliException(ExitCode.Usage, "--partner goes with an access token for a service, and --partner-resource with --partner")
            {
                Hint = "use it with --for key-management",
            };
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        TokenSet tokens = session.Store.Tokens ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        if (name == IdToken)
        {
            Print(invocation, name, tokens.RevealIdToken(), tokens.GrantedScopes, expiresAt: null);
            return;
        }

        AccessToken token = issuer is null
            ? await session.Tokens.GetAccessTokenAsync(Target(name, narrowed), cancellationToken)
            : await session.GetPartnerTokenAsync(
                issuer, invocation.Get(partnerResource) ?? issuer, Target(name, narrowed), cancellationToken);
        Print(invocation, name, token.Reveal(), token.Scopes, token.ExpiresAt);
    }

    private static AccessTokenTarget Target(string name, string? service)
    {
        if (name == Administration)
        {
            return AccessTokenTarget.IdmAdministration;
        }

        return service is null
            ? AccessTokenTarget.For(Resources[name])
            : AccessTokenTarget.For(Services[service], Resources[name]);
    }

    private void Print(Invocation invocation, string name, string token, IReadOnlySet<string> scopes, DateTimeOffset? expiresAt)
    {
        bool revealed = invocation.Get(reveal);
        IReadOnlyList<string> ordered = [.. scopes.Order(StringComparer.Ordinal)];
        JsonArray scopeList = [.. ordered.Select(scope => (JsonNode)JsonValue.Create(scope))];
        JsonObject machine = new() { ["target"] = name, ["scopes"] = scopeList };
        if (expiresAt is { } end)
        {
            machine["expiresAt"] = Printable.Rfc3339(end);
        }

        JsonObject? claims = JsonWebToken.Claims(token);
        if (claims is not null)
        {
            machine["claims"] = claims.DeepClone();
        }

        if (revealed)
        {
            machine["token"] = token;
        }

        invocation.Report.Result(machine, human =>
        {
            if (revealed)
            {
                human.Line(token);
                return;
            }

            string kind = name == IdToken ? "ID token" : "access token";
            human.Line(claims is null ? "the token is opaque" : $"claims of the {kind}");
            human.Fields((claims ?? []).Select(JsonWebToken.Human));
            human.Line();
            human.Fields([("scopes", string.Join(' ', ordered)), ("ends", expiresAt is { } time ? Printable.Time(time) : null)]);
        });
    }
}

using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Watchword.Cli.Administration;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword oidc-client add</c>.</summary>
internal sealed class ClientAddCommand : AdministrationCommand
{
    private const int MaxJwksOctets = 65_536;

    private readonly Argument<string> id = new("client-id") { HelpName = "CLIENT-ID", Description = "the `client_id`" };
    private readonly Option<string> kind = new("--kind")
    {
        Description = "`native`: an application of users; `entity`: an MCX or group management server; "
            + "`resource-server`: may ask about tokens that name it",
        HelpName = "KIND",
        Required = true,
    };
    private readonly Option<string?> displayName = new("--display-name") { Description = "name for people", HelpName = "NAME" };
    private readonly Option<string[]> redirectUris = new("--redirect-uri")
    {
        Description = "redirect URI of a native client; repeat it for more",
        HelpName = "URI",
    };
    private readonly Option<string?> entityUri = new("--entity-uri")
    {
        Description = "URI that an entity is keyed for",
        HelpName = "URI",
    };
    private readonly Option<string?> jwks = new("--jwks")
    {
        Description = "public keys of an entity, a JWK set (private_key_jwt)",
        HelpName = "FILE",
    };
    private readonly Option<string?> certificate = new("--certificate")
    {
        Description = "X.509 certificate of an entity, PEM (mutual TLS)",
        HelpName = "FILE",
    };
    private readonly Option<string[]> scopes = new("--scope")
    {
        Description = "scope that the client may be given; repeat it for more",
        HelpName = "SCOPE",
    };
    private readonly Option<string?> algorithm = new("--signing-algorithm")
    {
        Description = "`ES256` or `RS256`: how its tokens are signed",
        HelpName = "ALG",
    };

    public ClientAddCommand(Surroundings surroundings)
        : base("add", "register an OpenID Connect client at the IdM server", surroundings)
    {
        kind.AcceptOnlyFromAmong(ClientKinds.Native, ClientKinds.Entity, ClientKinds.ResourceServer);
        algorithm.AcceptOnlyFromAmong("ES256", "RS256");
        Add(id);
        foreach (Option option in (Option[])[kind, displayName, redirectUris, entityUri, jwks, certificate, scopes, algorithm])
        {
            Add(option);
        }
    }

    public override string Details => """
        A native client needs `--redirect-uri` (of a loopback address the port is free). An entity needs `--entity-uri`
        and one of `--jwks` and `--certificate`. A resource server needs one of these, and its client id is its name in `aud`.
        A JWK set with a private key in it is refused before it leaves this
        machine.
        """;

    public override IReadOnlyList<JsonField> Fields => ClientText.Fields(string.Empty);

    protected override void Request(Invocation invocation)
    {
        bool entity = invocation.Required(kind) == ClientKinds.Entity;
        bool hasKey = invocation.Get(jwks) is not null || invocation.Get(certificate) is not null;
        bool server = invocation.Required(kind) == ClientKinds.ResourceServer;
        bool complete = entity ? invocation.Get(entityUri) is not null && hasKey
            : server ? hasKey
            : invocation.Get(redirectUris) is { Length: > 0 };
        if (!complete)
        {
            throw new CliException(
                ExitCode.Usage,
                $"{(entity ? "an entity" : server ? "a resource server" : "an application")} cannot be registered with what was given")
            {
                Hint = entity
                    ? "give --entity-uri and one of --jwks and --certificate"
                    : server ? "give one of --jwks and --certificate"
                    : "give --redirect-uri, such as http://127.0.0.1/callback",
            };
        }

        if (invocation.Get(entityUri) is { } uri && !McServiceId.IsValid(uri))
        {
            throw new WatchwordClientException(ClientFault.UriMalformed, uri);
        }
    }

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        NewClient body = new()
        {
            ClientId = invocation.Required(id),
            Kind = invocation.Required(kind),
            DisplayName = invocation.Get(displayName),
            RedirectUris = NotEmpty(invocation.Get(redirectUris)),
            EntityUri = invocation.Get(entityUri),
            Jwks = invocation.Get(jwks) is { } path ? ReadJwks(path) : null,
            CertificateThumbprint = invocation.Get(certificate) is { } file ? ReadThumbprint(file) : null,
            Scopes = NotEmpty(invocation.Get(scopes)),
            SigningAlgorithm = invocation.Get(algorithm),
        };
        ClientView added = await client.SendAsync(
            HttpMethod.Post,
            AdministrationPaths.Clients,
            body,
            AdministrationJson.Default.NewClient,
            AdministrationJson.Default.ClientView,
            cancellationToken);
        invocation.Report.Result(ClientText.Json(added), human => ClientText.Human(human, added));
    }

    private static string[]? NotEmpty(string[]? values) => values is { Length: > 0 } ? values : null;

    private static JsonElement ReadJwks(string path)
    {
        byte[] content = Read(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(content.AsMemory());
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("keys", out JsonElement keys)
                || keys.ValueKind != JsonValueKind.Array)
            {
                throw new CliException(ExitCode.Malformed, $"{path} is not a JWK set")
                {
                    Cause = "it has no array `keys`",
                    Clause = "RFC 7517 §5",
                };
            }

            if (keys.EnumerateArray().Any(
                key => key.ValueKind == JsonValueKind.Object
                    && (key.TryGetProperty("d", out _) || key.TryGetProperty("k", out _))))
            {
                throw new CliException(ExitCode.Usage, $"{path} holds a private key; nothing was sent")
                {
                    Clause = "RFC 7518 §6",
                    Hint = "give the set with the public keys only",
                };
            }

            return root.Clone();
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Malformed, $"{path} is not JSON", exception) { Clause = "RFC 7517 §5" };
        }
    }

    private static string ReadThumbprint(string path)
    {
        try
        {
            using X509Certificate2 x509 = X509Certificate2.CreateFromPem(System.Text.Encoding.UTF8.GetString(Read(path)));
            return x509.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        }
        catch (CryptographicException exception)
        {
            throw new CliException(ExitCode.Malformed, $"{path} is not an X.509 certificate in PEM", exception);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxJwksOctets
                ? File.ReadAllBytes(path)
                : throw new CliException(ExitCode.Malformed, $"{path} is longer than 64 KiB");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot read {path}", exception);
        }
    }
}

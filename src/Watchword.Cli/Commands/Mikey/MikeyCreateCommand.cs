using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Mikey;

/// <summary><c>watchword mikey create</c>: a new private call key for another user (TS 33.180 5.6, E.3).</summary>
internal sealed class MikeyCreateCommand : CliCommand
{
    private readonly Option<string> purpose = new("--purpose")
    {
        Description = "purpose of the key: `pck`, a private call",
        HelpName = "PURPOSE",
        Required = true,
    };
    private readonly Option<string> to = new("--to")
    {
        Description = "MC service ID of the called user, exactly as provisioned",
        HelpName = "URI",
        Required = true,
    };
    private readonly Option<string?> from = new("--from")
    {
        Description = "which identity of this profile calls (default: the MCPTT ID, else the MCVideo ID)",
        HelpName = "URI",
    };
    private readonly Option<string?> service = new("--service")
    {
        Description = "`mcptt` or `mcvideo`, where one identity has both (default: mcptt)",
        HelpName = "SERVICE",
    };
    private readonly Option<string?> toKms = new("--to-kms")
    {
        Description = "KMS URI of the called user's domain (default: what the key store knows of it, else the home domain)",
        HelpName = "KMS-URI",
    };
    private readonly Option<bool> lookUp = new("--lookup")
    {
        Description = "ask the home KMS for the called user's domain, unless it was asked within a day",
    };
    private readonly Option<string?> output = new("--out")
    {
        Description = "write the message to this file, in base64",
        HelpName = "FILE",
    };

    public MikeyCreateCommand(Surroundings surroundings)
        : base("create", "make a private call key for another user, in a signed message (TS 33.180 E.3)", surroundings)
    {
        purpose.AcceptOnlyFromAmong("pck");
        service.AcceptOnlyFromAmong("mcptt", "mcvideo");
        foreach (Option option in (Option[])[purpose, to, from, service, toKms, lookUp, output])
        {
            Add(option);
        }
    }

    public override string Details => """
        Encapsulates a random key for the called user's UID of this key period and signs the message with the caller's
        key. A user of a partner domain is encrypted to with the certificate of his KMS (TS 33.180 5.2.7), which
        `kms certcache`, `kms cert` or `--lookup` fetch. No server is asked without `--lookup`. Without `--out` and `--json` standard output holds the message in base64 and nothing
        else, so that it can be piped into `mikey open`; what it is goes to standard error. The key itself is never
        shown: compare the check values on both sides.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("message", "string, base64", "the MIKEY message"),
        new("file", "string", "where it was written", Optional: true),
        .. CallText.Fields,
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        string receiver = invocation.Required(to);
        string? receiverKms = invocation.Get(toKms);
        if (invocation.Get(lookUp) && receiverKms is null)
        {
            using KmClient client = session.CreateKmClient();
            receiverKms = await client.FindDomainAsync(receiver, cancellationToken);
        }

        PrivateCall calls = new(session.Store, invocation.Io.Clock);
        using PrivateCallKeys call = calls.Create(receiver, Service(invocation, session.Store), receiverKms);
        string message = Convert.ToBase64String(call.Message.Span);
        string? file = invocation.Get(output);
        if (file is not null)
        {
            Write(file, message);
        }

        JsonObject machine = new() { ["message"] = message };
        if (file is not null)
        {
            machine["file"] = file;
        }

        foreach ((string name, JsonNode? value) in CallText.Json(call))
        {
            machine[name] = value?.DeepClone();
        }

        invocation.Report.Result(machine, human =>
        {
            if (file is not null)
            {
                human.Fields([("file", file), .. CallText.Human(call)]);
                return;
            }

            human.Line(message);
            foreach ((string name, string? value) in CallText.Human(call))
            {
                invocation.Report.Note($"{name}: {value}");
            }
        });
    }

    private McService Service(Invocation invocation, KeyStore store)
    {
        ClientIdentity identity = store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        McService? wanted = invocation.Get(service) switch
        {
            "mcptt" => McService.Mcptt,
            "mcvideo" => McService.McVideo,
            _ => null,
        };
        string? caller = invocation.Get(from);
        McService[] services = [McService.Mcptt, McService.McVideo];
        McService[] possible = [.. services.Where(candidate => identity.For(candidate) is { } uri
            && (caller is null || string.Equals(uri, caller, StringComparison.Ordinal))
            && (wanted is null || wanted == candidate))];
        return possible.Length > 0
            ? possible[0]
            : throw new WatchwordClientException(ClientFault.IdentityNotOwned, caller ?? "no MC service ID for a private call");
    }

    private static void Write(string path, string message)
    {
        try
        {
            File.WriteAllText(path, message + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot write {path}", exception)
            {
                Hint = "name another file; the message was not sent anywhere",
            };
        }
    }
}

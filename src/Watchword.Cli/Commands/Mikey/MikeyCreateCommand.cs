using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>
/// <c>watchword mikey create</c>: a new key of any purpose, in a signed message for each receiver (TS 33.180 5.4 to 5.8).
/// </summary>
internal sealed class MikeyCreateCommand : CliCommand
{
    private readonly Option<string> purpose = new("--purpose")
    {
        Description = $"what the key is for: {Distributions.Help}; `csk` is the upload of a client",
        HelpName = "PURPOSE",
        Required = true,
    };
    private readonly Option<string[]> to = new("--to")
    {
        Description = "URI of the receiver, exactly as provisioned; repeated for the members of a group: one message each",
        HelpName = "URI",
        Required = true,
    };
    private readonly Option<string?> from = new("--from")
    {
        Description = "which identity of this profile makes the key (default: the entity's, the MCPTT ID, the MCVideo ID)",
        HelpName = "URI",
    };
    private readonly Option<string?> service = new("--service")
    {
        Description = "private call: `mcptt` or `mcvideo`, where one identity has both (default: mcptt)",
        HelpName = "SERVICE",
    };
    private readonly Option<string?> toKms = new("--to-kms")
    {
        Description = "KMS URI of the receivers' domain (default: the home domain; for a private call what the key store knows)",
        HelpName = "KMS-URI",
    };
    private readonly Option<bool> lookUp = new("--lookup")
    {
        Description = "ask the home KMS for the domain of the first receiver, unless it was asked within a day",
    };
    private readonly Option<string?> output = new("--out")
    {
        Description = "write the messages to this file, in base64, one a line",
        HelpName = "FILE",
    };
    private readonly KeyMessageOptionSet content = new();

    public MikeyCreateCommand(Surroundings surroundings)
        : base("create", "make a key of any purpose, in a signed message for each receiver (TS 33.180 Annex E)", surroundings)
    {
        purpose.AcceptOnlyFromAmong(Distributions.Names);
        service.AcceptOnlyFromAmong("mcptt", "mcvideo");
        foreach (Option option in (Option[])[purpose, to, from, service, toKms, lookUp, output, .. content.All])
        {
            Add(option);
        }
    }

    public override string Details => """
        Encapsulates a random key for each receiver's UID of this key period and signs each message with the maker's
        key. All messages of one key carry the same key and RAND; of a GMK each member sees a GUK-ID of his own.
        Receivers of a partner domain are encrypted to with the certificate of their KMS (TS 33.180 5.2.7), which `kms
        certcache`, `kms cert` or `--lookup` fetch. No server is asked without `--lookup`. Who may hand out which key
        is for the receiver to judge. Without `--out` and `--json` standard output holds the messages in base64, one a
        line, and nothing else, so that it can be piped into `mikey open`; what they are goes to standard error. The
        key itself is never shown, and not kept: compare the check values on both sides.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("message", "string, base64", "the MIKEY message, of several the first"),
        new("messages[].to", "string", "whom a message is for", Optional: true),
        new("messages[].csbId", "string, 8 hex digits", "its CSB ID: of a GMK the member's GUK-ID", Optional: true),
        new("messages[].message", "string, base64", "the message", Optional: true),
        new("file", "string", "where they were written", Optional: true),
        .. MikeyOpenCommand.OpenedFields,
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        KeyDistribution distribution = Distributions.Get(invocation.Required(purpose));
        string[] receivers = invocation.Required(to);
        foreach (string receiver in receivers)
        {
            // A server's MDSI need not be an MC service ID.
            if (receiver.Length == 0 || (distribution.Receiver == KeyEntity.Client && !McServiceId.IsValid(receiver)))
            {
                throw new WatchwordClientException(ClientFault.UriMalformed, "receiver");
            }
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        string? receiverKms = invocation.Get(toKms);
        if (invocation.Get(lookUp) && receiverKms is null)
        {
            using KmClient client = session.CreateKmClient();
            receiverKms = await client.FindDomainAsync(receivers[0], cancellationToken);
        }

        // A private call is what the client library makes, unless something is asked of the message that a call does not have.
        if (distribution == KeyDistribution.Pck && receivers.Length == 1 && !content.IsAnySet(invocation))
        {
            CreateCall(invocation, session.Store, receivers[0], receiverKms);
        }
        else
        {
            CreateKey(invocation, session.Store, distribution, receivers, receiverKms);
        }
    }

    private void CreateCall(Invocation invocation, KeyStore store, string receiver, string? receiverKms)
    {
        PrivateCall calls = new(store, invocation.Io.Clock);
        using PrivateCallKeys call = calls.Create(receiver, Service(invocation, store), receiverKms);
        Report(invocation, [(receiver, call.PckId, call.Message.ToArray())], CallText.Json(call), CallText.Human(call));
    }

    private void CreateKey(
        Invocation invocation, KeyStore store, KeyDistribution distribution, string[] receivers, string? receiverKms)
    {
        if (invocation.Get(service) is not null)
        {
            throw new CliException(ExitCode.Usage, "--service belongs to a private call")
            {
                Hint = "name the identity with --from",
            };
        }

        ProfileKeys profile = new(store, invocation.Now);
        string initiator = profile.Initiator(invocation.Get(from));
        KeyMessageOptions options = content.Read(invocation, distribution);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        byte[][] messages = profile.Create(distribution, key, initiator, receivers, receiverKms, options);
        MikeyParty maker = new(initiator, store.KmsUri!, default);
        string? only = receivers.Length == 1 ? receivers[0] : null;
        Report(
            invocation,
            [.. messages.Select((message, i) => (receivers[i], key.IdFor(receivers[i]), message))],
            KeyText.Json(key.KeyId, key, maker, only, invocation.Now, options.Parameters),
            KeyText.Human(key.KeyId, key, maker, only, invocation.Now, options.Parameters));
    }

    private void Report(
        Invocation invocation,
        IReadOnlyList<(string To, uint CsbId, byte[] Message)> messages,
        JsonObject key,
        IReadOnlyList<(string Name, string? Value)> lines)
    {
        string[] texts = [.. messages.Select(message => Convert.ToBase64String(message.Message))];
        string? file = invocation.Get(output);
        if (file is not null)
        {
            Write(file, texts);
        }

        JsonObject machine = new()
        {
            ["message"] = texts[0],
            ["messages"] = new JsonArray(
            [
                .. messages.Select((message, i) => (JsonNode)new JsonObject
                {
                    ["to"] = message.To,
                    ["csbId"] = KeyText.Identifier(message.CsbId),
                    ["message"] = texts[i],
                }),
            ]),
        };
        if (file is not null)
        {
            machine["file"] = file;
        }

        foreach ((string name, JsonNode? value) in key)
        {
            machine[name] = value?.DeepClone();
        }

        invocation.Report.Result(machine, human =>
        {
            if (file is not null)
            {
                human.Fields([("file", file), .. lines]);
                return;
            }

            Array.ForEach(texts, human.Line);
            foreach ((string name, string? value) in lines.Where(line => line.Value is not null))
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

    private static void Write(string path, string[] messages)
    {
        try
        {
            File.WriteAllLines(path, messages);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot write {path}", exception)
            {
                Hint = "name another file; no message was sent anywhere",
            };
        }
    }
}

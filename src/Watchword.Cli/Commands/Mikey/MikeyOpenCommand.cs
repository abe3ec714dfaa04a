using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Messages;
using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary><c>watchword mikey open</c>: verifies a message for this profile and keeps its key.</summary>
internal sealed class MikeyOpenCommand : CliCommand
{
    private static readonly (string Word, MikeyTolerances Tolerance)[] Tolerances =
    [
        ("signature-length-as-printed", MikeyTolerances.SignatureLengthAsPrinted),
        ("signature-without-length", MikeyTolerances.SignatureWithoutLength),
        ("parameters-in-clear", MikeyTolerances.KeyParametersInClear),
        ("srtp-id-map", MikeyTolerances.SrtpIdMap),
    ];

    private readonly Argument<string?> file = MessageArgument.Create();
    private readonly Option<bool> own = new("--own")
    {
        Description = "the message is one that this user made on another device: take the key from SAKKE-to-self (E.5)",
    };

    private readonly Option<string[]> from = new("--from")
    {
        Description = "a server that hands out keys here: a GMS for GMKs and MKFCs, an MCX server for the others; "
            + "may be repeated",
        HelpName = "URI",
    };

    private readonly Option<bool> noKeep = new("--no-keep")
    {
        Description = "only look: any purpose, from anybody; the key is not kept, and the message may be opened again",
    };

    private readonly Option<string[]> tolerate = new("--tolerate")
    {
        Description = "accept a departure of a peer: `" + string.Join("`, `", Tolerances.Select(pair => pair.Word))
            + "`; may be repeated",
        HelpName = "DEPARTURE",
    };

    public MikeyOpenCommand(Surroundings surroundings)
        : base("open", "verify a message for this profile and keep its key (TS 33.180 Annex E)", surroundings)
    {
        tolerate.AcceptOnlyFromAmong([.. Tolerances.Select(pair => pair.Word)]);
        Add(file);
        Add(own);
        Add(from);
        Add(noKeep);
        Add(tolerate);
    }

    /// <summary>Members of a key: those of any, and those that a private call has besides.</summary>
    public static IReadOnlyList<JsonField> OpenedFields { get; } =
    [
        .. KeyText.Fields.Concat(CallText.Fields).DistinctBy(field => field.Path)
            .Select(field => field with { Optional = field.Path != "time" }),
    ];

    public override string Details => """
        Checks, in this order: form, addressee, purpose, freshness, domains, replay, signature (RFC 6507),
        encapsulated key (RFC 6508), identifiers, key parameters. A message opens once for a profile. SRTP keys are derived
        from a private call key, and it is not kept. A key of another purpose goes into the key store of the profile, as
        the client library puts it there. Who hands out any but the CSK of a client to a network entity must be named
        with `--from`: whoever is keyed in the domain could hand out keys otherwise. Where the message hides its maker,
        one URI given with `--from` is held against the UID that signed. A message that revokes a key wipes it. The key
        itself is never shown: compare the check values with those of `mikey create`. Where a message does not open,
        `mikey decode --use-profile` says why.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        .. OpenedFields,
        new("change", "string", "what it did to the key store: `added`, `renewed`, `unchanged`, `revoked`", Optional: true),
        new("tolerances[]", "string", "departures that were needed to accept the message", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        byte[] message = MessageInput.ReadOne(invocation.Io, invocation.Get(file));
        string[] words = invocation.Get(tolerate) ?? [];
        MikeyTolerances tolerances = Tolerances.Where(pair => words.Contains(pair.Word))
            .Aggregate(MikeyTolerances.None, (all, pair) => all | pair.Tolerance);
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        MikeyMessage parsed = MikeyMessage.Parse(message, tolerances);
        if (!invocation.Get(own) && IsCall(parsed))
        {
            PrivateCall calls = new(session.Store, invocation.Io.Clock, tolerances);
            using PrivateCallKeys call = calls.Open(message);
            invocation.Report.Result(CallText.Json(call), human => human.Fields(CallText.Human(call)));
            return;
        }

        string[] servers = invocation.Get(from) ?? [];
        ServiceKeyExchange exchange = new(session.Store, invocation.Io.Clock, new ServiceKeyExchangeOptions
        {
            GroupManagementServers = servers,
            McxServers = servers,
            Expects = Distributions.Kept(ofUser: session.Store.Identity?.EntityUri is null),
            Tolerances = tolerances,
        });
        ServiceKeyMessageContext context = new()
        {
            IsOwn = invocation.Get(own),
            RevealInitiator = servers is [string maker] ? _ => maker : null,
        };
        if (invocation.Get(noKeep) || parsed.Purpose == KeyPurpose.Pck)
        {
            Look(invocation, exchange.Examine(message, context));
        }
        else
        {
            Keep(invocation, session.Store, exchange.Open(message, context));
        }
    }

    private static void Look(Invocation invocation, KeyOpening opening)
    {
        using MikeyKey key = opening.Key!;
        MikeyParty initiator = opening.Initiator!;
        string? receiver = opening.Receiver!.Uri;
        DateTimeOffset made = opening.Claims!.Time;
        Report(
            invocation,
            KeyText.Json(key.KeyId, key, initiator, receiver, made, opening.Parameters),
            KeyText.Human(key.KeyId, key, initiator, receiver, made, opening.Parameters),
            opening.TolerancesUsed,
            "the key was not kept");
    }

    private static void Keep(Invocation invocation, KeyStore store, ServiceKeyReceipt receipt)
    {
        ServiceKeyInfo held = receipt.Key;
        using MikeyKey? key = Open(store, held);
        MikeyParty initiator = new(held.InitiatorUri, held.InitiatorKmsUri, default);
        string? receiver = held.IsOwn ? held.PeerUri : held.OwnerUri;
        KeyParameters parameters = new(held.Purpose)
        {
            Status = held.IsRevoked ? KeyStatus.None : held.Status,
            Activation = held.Activation == held.MessageTime ? null : held.Activation,
            Expiry = held.Expiry,
            Text = held.Text,
            GroupIds = held.GroupIds,
        };
        JsonObject machine = KeyText.Json(held.KeyId, key, initiator, receiver, held.MessageTime, parameters);
        string change = receipt.Change.ToString().ToLowerInvariant();
        machine["change"] = change;
        Report(
            invocation,
            machine,
            KeyText.Human(held.KeyId, key, initiator, receiver, held.MessageTime, parameters),
            receipt.TolerancesUsed,
            key is null ? $"the key has ended and is not used: {change}" : $"in the key store of the profile: {change}");
    }

    /// <summary>Null for a key that the message revoked, or that came too late to be used.</summary>
    private static MikeyKey? Open(KeyStore store, ServiceKeyInfo held)
    {
        try
        {
            return store.OpenServiceKey(held);
        }
        catch (WatchwordClientException refusal)
            when (refusal.Fault is ClientFault.ServiceKeyEnded or ClientFault.ServiceKeyNotFound)
        {
            return null;
        }
    }

    private static void Report(
        Invocation invocation,
        JsonObject machine,
        IReadOnlyList<(string Name, string? Value)> lines,
        MikeyTolerances used,
        string note)
    {
        string[] needed = [.. Tolerances.Where(pair => used.HasFlag(pair.Tolerance)).Select(pair => pair.Word)];
        if (needed.Length > 0)
        {
            machine["tolerances"] = new JsonArray([.. needed.Select(word => (JsonNode)JsonValue.Create(word))]);
        }

        invocation.Report.Result(machine, human => human.Fields(
            [.. lines, ("accepted with", needed.Length > 0 ? string.Join(", ", needed) : null)]));
        invocation.Report.Note(note);
    }

    // Hidden identities are nothing that a private call here takes.
    private static bool IsCall(MikeyMessage message) =>
        message.Purpose == KeyPurpose.Pck && message.FindIdentity(MikeyIdentityRole.Initiator) is not null
        && message.FindIdentity(MikeyIdentityRole.Responder) is not null;
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Messages;
using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary><c>watchword mikey open</c>: verifies a message for this profile and takes its key.</summary>
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

    private readonly Option<string[]> tolerate = new("--tolerate")
    {
        Description = "accept a departure of a peer: `" + string.Join("`, `", Tolerances.Select(pair => pair.Word))
            + "`; may be repeated",
        HelpName = "DEPARTURE",
    };

    public MikeyOpenCommand(Surroundings surroundings)
        : base("open", "verify a message for this profile and take its key (TS 33.180 Annex E)", surroundings)
    {
        tolerate.AcceptOnlyFromAmong([.. Tolerances.Select(pair => pair.Word)]);
        Add(file);
        Add(own);
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
        encapsulated key (RFC 6508), identifiers, key parameters. A private call key opens once for a profile, and
        SRTP keys are derived from it. A key of another purpose is shown by what may be shown of it and not kept:
        opening it again gives it again, as long as it is fresh; the service client that uses such keys keeps them in
        its own key store. The key itself is never shown: compare the check values with those of `mikey create`. Where
        a message does not open, `mikey decode --use-profile` says why.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        .. OpenedFields,
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
        if (!invocation.Get(own) && IsCall(message, tolerances))
        {
            PrivateCall calls = new(session.Store, invocation.Io.Clock, tolerances);
            using PrivateCallKeys call = calls.Open(message);
            invocation.Report.Result(CallText.Json(call), human => human.Fields(CallText.Human(call)));
            return;
        }

        KeyOpening opening = new ProfileKeys(session.Store, invocation.Now)
            .Open(message, Distributions.Opened, invocation.Io.Clock, invocation.Get(own), tolerances);
        using MikeyKey key = opening.IsOpened ? opening.Key : throw Refusals.Of(opening);
        Report(invocation, opening, key);
    }

    private static void Report(Invocation invocation, KeyOpening opening, MikeyKey key)
    {
        MikeyParty initiator = opening.Initiator!;
        string? receiver = opening.Receiver!.Uri;
        string[] needed = [.. Tolerances.Where(pair => opening.TolerancesUsed.HasFlag(pair.Tolerance)).Select(pair => pair.Word)];
        JsonObject machine = KeyText.Json(key, initiator, receiver, opening.Claims!.Time, opening.Parameters);
        if (needed.Length > 0)
        {
            machine["tolerances"] = new JsonArray(
                [.. needed.Select(word => (JsonNode)JsonValue.Create(word))]);
        }

        invocation.Report.Result(machine, human => human.Fields(
        [
            .. KeyText.Human(key, initiator, receiver, opening.Claims.Time, opening.Parameters),
            ("accepted with", needed.Length > 0 ? string.Join(", ", needed) : null),
        ]));
        invocation.Report.Note("the key was not kept: the key store of the service client that uses it keeps it");
    }

    // Hidden identities are nothing that a private call here takes.
    private static bool IsCall(byte[] message, MikeyTolerances tolerances)
    {
        MikeyMessage parsed = MikeyMessage.Parse(message, tolerances);
        return parsed.Purpose == KeyPurpose.Pck && parsed.FindIdentity(MikeyIdentityRole.Initiator) is not null
            && parsed.FindIdentity(MikeyIdentityRole.Responder) is not null;
    }
}

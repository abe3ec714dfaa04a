using System.CommandLine;
using Watchword.Cli.Messages;
using Watchword.Client;

namespace Watchword.Cli.Commands.Mikey;

/// <summary><c>watchword mikey open</c>: verifies a message for this profile and takes its key.</summary>
internal sealed class MikeyOpenCommand : CliCommand
{
    private readonly Argument<string?> file = MessageArgument.Create();

    public MikeyOpenCommand(Surroundings surroundings)
        : base("open", "verify a message for this profile and take its key (TS 33.180 E.3)", surroundings) => Add(file);

    public override string Details => """
        Checks, in this order: form, addressee, freshness, replay, signature (RFC 6507), encapsulated key (RFC 6508). A
        message opens once for a profile. The key itself is never shown: compare the check values with those of `mikey
        create`.
        """;

    public override IReadOnlyList<JsonField> Fields => CallText.Fields;

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        byte[] message = MessageInput.ReadOne(invocation.Io, invocation.Get(file));
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        PrivateCall calls = new(session.Store, invocation.Io.Clock);
        using PrivateCallKeys call = calls.Open(message);
        invocation.Report.Result(CallText.Json(call), human => human.Fields(CallText.Human(call)));
    }
}

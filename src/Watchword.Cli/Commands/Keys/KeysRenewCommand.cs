using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword keys renew</c>: what is due of the next key period, once or for ever (TS 33.180 5.3.3).</summary>
internal sealed class KeysRenewCommand : CliCommand
{
    private readonly Option<bool> once = new("--once") { Description = "do what is due now, and end (default)" };
    private readonly Option<bool> follow = new("--follow") { Description = "go on until interrupted" };

    private readonly Option<string?> credential = new("--credential")
    {
        Description = "the private key of the network entity that the profile is of, PEM of mode 0600", HelpName = "FILE",
    };

    public KeysRenewCommand(Surroundings surroundings)
        : base("renew", "fetch the key sets of the next key period when they are due", surroundings)
    {
        Add(once);
        Add(follow);
        Add(credential);
    }

    public override string Details => """
        Each identity's next key set is due at a moment of its own: within the hint of the KMS, or drawn within the opening window.
        The moment is kept in the key store, so `--once` can run from a timer as often as it likes. The KMS certificate and those of
        partner domains are looked after too. A refusal is not asked again before the period begins or the next log-in; a KMS that
        is busy or failed is left alone for a time that grows. With `--follow` the key store is open only while something is done.
        A network entity has no log-in to go on with: its private key is read from `--credential` each time.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("complete", "boolean", "true if nothing that was due failed"),
        new("events[].kind", "string", "`keySetRenewed`, `refused`, `postponed`, `rejected`, `logInNeeded`, `certificateChanged`, "
            + "`certificateAnnounced`, `certificateRevoked`, `partnerCertificatesChanged`"),
        new("events[].at", "string, RFC 3339", "when"),
        new("events[].userUri", "string", "the identity concerned", Optional: true),
        new("events[].period", "number", "the key period concerned", Optional: true),
        new("events[].number", "number", "number of the fault", Optional: true),
        new("events[].cause", "string", "what went wrong", Optional: true),
        new("events[].retryAt", "string, RFC 3339", "when it is tried again", Optional: true),
        new("nextAt", "string, RFC 3339", "when there is something to do again"),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
    [
        ExitCode.NotLoggedIn, ExitCode.Refused, ExitCode.Unreachable, ExitCode.Locked, ExitCode.CheckFailed,
    ];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (invocation.Get(once) && invocation.Get(follow))
        {
            throw new CliException(ExitCode.Usage, "--once and --follow exclude each other");
        }

        using KeyStoreUnlock unlock = Session.Unlock(invocation);
        if (!invocation.Get(follow))
        {
            Show(invocation, await PassAsync(invocation, unlock, log: null, cancellationToken));
            return;
        }

        Notes log = new(invocation.Report);
        while (true)
        {
            DateTimeOffset nextAt = await FollowAsync(invocation, unlock, log, cancellationToken);
            await KeyRenewal.WaitUntilAsync(nextAt, invocation.Io.Clock, KeyRenewalOptions.Default.MaxSleep, cancellationToken);
        }
    }

    private async Task<DateTimeOffset> FollowAsync(
        Invocation invocation, KeyStoreUnlock unlock, Notes log, CancellationToken cancellationToken)
    {
        try
        {
            return (await PassAsync(invocation, unlock, log, cancellationToken)).NextAt;
        }
        catch (WatchwordClientException fault) when (fault.Fault == ClientFault.StoreInUse)
        {
            // Another command is at work in this profile; it will be done soon.
            return invocation.Now + KeyRenewalOptions.Default.MaxSleep;
        }
    }

    private async Task<KeyRenewalPass> PassAsync(
        Invocation invocation, KeyStoreUnlock unlock, IProgress<KeyRenewalEvent>? log, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, unlock, cancellationToken);
        _ = session.RequireKms();
        session.UseEntityCredential(invocation.Get(credential));
        using KmClient client = session.CreateKmClient();
        return await new KeyRenewal(client, invocation.Io.Clock, log: log).RunOnceAsync(cancellationToken);
    }

    private static void Show(Invocation invocation, KeyRenewalPass pass)
    {
        KeyRenewalEvent? failure = pass.Events.FirstOrDefault(e => e.Fault is not null);
        if (failure is not null)
        {
            invocation.ExitCode = Output.CodeOf(failure);
        }

        JsonObject machine = new()
        {
            ["complete"] = failure is null,
            ["events"] = new JsonArray([.. pass.Events.Select(e => (JsonNode)Output.Json(e))]),
            ["nextAt"] = Printable.Rfc3339(pass.NextAt),
        };
        invocation.Report.Result(machine, human =>
        {
            foreach (KeyRenewalEvent what in pass.Events)
            {
                human.Line(Output.Human(what));
            }

            human.Fields([("next", Printable.Time(pass.NextAt))]);
        });
    }

    private sealed class Notes(Reporter report) : IProgress<KeyRenewalEvent>
    {
        public void Report(KeyRenewalEvent value) => report.Note($"{Printable.Time(value.At)} {Output.Human(value)}");
    }

    /// <summary>An event in both languages.</summary>
    private static class Output
    {
        public static ExitCode CodeOf(KeyRenewalEvent what) => what.Kind switch
        {
            KeyRenewalEventKind.LogInNeeded => ExitCode.NotLoggedIn,
            KeyRenewalEventKind.Refused => ExitCode.Refused,
            KeyRenewalEventKind.Postponed => ExitCode.Unreachable,
            _ => ExitCode.CheckFailed,
        };

        public static string Human(KeyRenewalEvent what) => string.Join(
            " ",
            new[]
            {
                Words(what.Kind.ToString()), what.UserUri, what.Period is { } period ? $"period {Printable.Number(period.Number)}" : null,
                what.Fault is null ? null : $"({what.Fault.Message})", what.RetryAt is { } at ? $"again at {Printable.Time(at)}" : null,
            }.Where(part => part is not null));

        public static JsonObject Json(KeyRenewalEvent what)
        {
            JsonObject machine = new()
            {
                ["kind"] = JsonNamingPolicy.CamelCase.ConvertName(what.Kind.ToString()),
                ["at"] = Printable.Rfc3339(what.At),
            };
            (string Name, JsonNode? Value)[] optional =
            [
                ("userUri", what.UserUri),
                ("period", what.Period?.Number),
                ("number", what.Fault?.Number),
                ("cause", what.Fault?.Message),
                ("retryAt", what.RetryAt is { } at ? Printable.Rfc3339(at) : null),
            ];
            foreach ((string name, JsonNode? value) in optional.Where(member => member.Value is not null))
            {
                machine[name] = value;
            }

            return machine;
        }

        private static string Words(string name) => string.Concat(
            name.Select((c, index) => char.IsUpper(c) ? (index == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));
    }
}

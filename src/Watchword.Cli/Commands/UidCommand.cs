using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands;

/// <summary>
/// <c>watchword uid</c>: the identifier that ECCSI and SAKKE bind keys to (TS 33.180 F.2.1). Needs no profile and no network.
/// </summary>
internal sealed class UidCommand : CliCommand
{
    private readonly Option<string> user = new("--user")
    {
        Description = "MC service ID or entity URI, exactly as provisioned",
        HelpName = "URI",
        Required = true,
    };
    private readonly Option<string> kms = new("--kms")
    {
        Description = "KMS URI of the KMS certificate, exactly as there",
        HelpName = "URI",
        Required = true,
    };
    private readonly Option<long> periodSeconds = new("--period-seconds")
    {
        Description = "length of a key period (UserKeyPeriod)",
        HelpName = "S",
        DefaultValueFactory = _ => 2_592_000,
    };
    private readonly Option<long> offset = new("--offset")
    {
        Description = "offset of the key periods (UserKeyOffset)",
        HelpName = "S",
        DefaultValueFactory = _ => 0,
    };
    private readonly Option<long?> periodNumber = new("--period-no")
    {
        Description = "number of the key period (default: that of --at)",
        HelpName = "N",
    };
    private readonly Option<DateTimeOffset?> at = TimeOption.Create(
        "--at", "moment that selects the key period, RFC 3339 (default: now)");

    public UidCommand(Surroundings surroundings)
        : base("uid", "compute the UID of a user for a key period (TS 33.180 F.2.1)", surroundings)
    {
        foreach (Option option in (Option[])[user, kms, periodSeconds, offset, periodNumber, at])
        {
            Add(option);
        }
    }

    public override string Details => """
        The UID is the SHA-256 of user URI, KMS URI and key period. It is not secret. Both URIs are hashed octet by
        octet: an upper-case letter or a trailing dot gives another UID. `--period-no` and `--at` exclude each other.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("uid", "string, 64 hex digits", "the UID"),
        new("uidBase64", "string, base64", "the UID as KMS messages carry it (UserID)"),
        new("userUri", "string", "the user URI hashed"),
        new("kmsUri", "string", "the KMS URI hashed"),
        new("periodSeconds", "number", "length of a key period"),
        new("offsetSeconds", "number", "offset of the key periods"),
        new("period.number", "number", "the key period number"),
        new("period.start", "string, RFC 3339", "first second of the period"),
        new("period.end", "string, RFC 3339", "first second after the period"),
    ];

    public override IReadOnlyList<ExitCode> Failures => [];

    protected override Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        KeyPeriodSchedule schedule = Schedule(invocation);
        KeyPeriod period = Period(invocation, schedule);
        (string userUri, string kmsUri) = (invocation.Required(user), invocation.Required(kms));
        UserId uid = UserId.Compute(userUri, kmsUri, schedule, period.Number);
        JsonObject machine = new()
        {
            ["uid"] = uid.ToHex().ToLowerInvariant(),
            ["uidBase64"] = uid.ToBase64(),
            ["userUri"] = userUri,
            ["kmsUri"] = kmsUri,
            ["periodSeconds"] = schedule.PeriodSeconds,
            ["offsetSeconds"] = schedule.OffsetSeconds,
            ["period"] = PeriodText.Json(period),
        };
        invocation.Report.Result(machine, human => human.Fields(
        [
            ("uid", uid.ToHex().ToLowerInvariant()),
            ("base64", uid.ToBase64()),
            ("user", userUri),
            ("kms", kmsUri),
            ("key period", PeriodText.Human(period)),
        ]));
        return Task.CompletedTask;
    }

    private KeyPeriodSchedule Schedule(Invocation invocation)
    {
        (long seconds, long start) = (invocation.Get(periodSeconds), invocation.Get(offset));
        if (seconds <= 0)
        {
            throw new CliException(ExitCode.Usage, "--period-seconds must be greater than 0") { Clause = "TS 33.180 D.3.2" };
        }

        if (start < 0 || start >= seconds)
        {
            throw new CliException(ExitCode.Usage, "--offset must be at least 0 and less than --period-seconds")
            {
                Clause = "TS 33.180 D.3.2",
            };
        }

        return new KeyPeriodSchedule(seconds, start);
    }

    private KeyPeriod Period(Invocation invocation, KeyPeriodSchedule schedule)
    {
        long? number = invocation.Get(periodNumber);
        DateTimeOffset? moment = invocation.Get(at);
        if (number is not null && moment is not null)
        {
            throw new CliException(ExitCode.Usage, "--period-no and --at exclude each other")
            {
                Hint = "give one of them, or none for the current period",
            };
        }

        try
        {
            return number is { } known ? schedule.FromNumber(known) : schedule.At(moment ?? invocation.Now);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new CliException(ExitCode.Usage, "there is no such key period", exception)
            {
                Cause = "periods count from 1900, and must end before the year 10000",
                Clause = "TS 33.180 F.2.1",
            };
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Keys;

/// <summary><c>watchword keys verify</c>: the checks of RFC 6507 §5.1.2 and RFC 6508 §6.1.2 over what is in the store.</summary>
internal sealed class KeysVerifyCommand : CliCommand
{
    private readonly KeySetSelection selection;

    public KeysVerifyCommand(Surroundings surroundings)
        : base("verify", "validate the key sets in the key store against their KMS certificate", surroundings) =>
        selection = new KeySetSelection(this);

    public override string Details => """
        For each key set the UID is computed again from user, KMS and period (TS 33.180 F.2.1), the signing key is held
        against PVT and KPAK (RFC 6507 §5.1.2), and the receiver key against Z_T by a pairing (RFC 6508 §6.1.2). If one
        fails, the result still lists all of them, and the exit code is 8.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("valid", "boolean", "true if every key set holds"),
        .. KeySetText.Fields("keySets[]."),
        new("keySets[].valid", "boolean", "true if this key set holds"),
        new("keySets[].fault", "string", "what failed: `userIdMismatch`, `badSigningKey`, `badDecryptionKey`", Optional: true),
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.NotFound, ExitCode.CheckFailed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        List<KeySetCheck> checks = [];
        foreach (KeySetInfo keySet in selection.Pick(invocation, session.Store))
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(session.Store.Verify(keySet));
        }

        bool valid = checks.TrueForAll(check => check.Fault == KeySetFault.None);
        invocation.ExitCode = valid ? ExitCode.Success : ExitCode.CheckFailed;
        JsonArray keySets = [.. checks.Select(check => Machine(check, session.Store, invocation.Now))];
        JsonObject machine = new() { ["valid"] = valid, ["keySets"] = keySets };
        invocation.Report.Result(machine, human => human.Table(
            ["user", "period", "uid", "result"],
            checks.Select(check => (string[])
            [
                check.KeySet.UserUri,
                Printable.Number(check.KeySet.Period.Number),
                "recomputed" + (check.Fault == KeySetFault.UserIdMismatch ? ": differs" : ": equal"),
                Explain(check.Fault),
            ])));
        if (!valid)
        {
            invocation.Report.Note(
                $"error: {checks.Count(check => check.Fault != KeySetFault.None)} of {checks.Count} key sets do not hold");
            invocation.Report.Note(
                "next: do not use them; fetch them again with watchword keys get, and tell the operator of the KMS");
        }
    }

    private static JsonObject Machine(KeySetCheck check, KeyStore store, DateTimeOffset now)
    {
        JsonObject machine = KeySetText.Json(check.KeySet, store, now);
        machine["valid"] = check.Fault == KeySetFault.None;
        if (check.Fault != KeySetFault.None)
        {
            machine["fault"] = JsonNamingPolicy.CamelCase.ConvertName(check.Fault.ToString());
        }

        return machine;
    }

    private static string Explain(KeySetFault fault) => fault switch
    {
        KeySetFault.None => "valid: signing key (RFC 6507 5.1.2) and receiver key (RFC 6508 6.1.2) hold",
        KeySetFault.UserIdMismatch => "INVALID: the UID is not that of user, KMS and period (TS 33.180 F.2.1)",
        KeySetFault.BadSigningKey => "INVALID: the signing key does not belong to PVT and KPAK (RFC 6507 5.1.2)",
        KeySetFault.BadDecryptionKey => "INVALID: the receiver key does not belong to Z_T (RFC 6508 6.1.2)",
        _ => $"INVALID: {fault}",
    };
}

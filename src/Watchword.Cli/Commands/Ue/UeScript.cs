using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>
/// The steps of a UE as they were taken. A step that fails is told on standard error at once, with clause and next step, and decides
/// the exit code if it is the first; the others go on.
/// </summary>
internal sealed class UeScript(Invocation invocation)
{
    private readonly List<UeStep> _steps = [];
    private int _refused;

    /// <summary>What was done.</summary>
    public IReadOnlyList<UeStep> Steps => _steps;

    /// <summary>How many key messages were not taken.</summary>
    public int RefusedMessages => _refused;

    /// <summary>The members of the JSON result.</summary>
    public static IReadOnlyList<JsonField> Fields { get; } =
    [
        new("steps[].name", "string", "name of the step"),
        new("steps[].clause", "string", "where the step is specified"),
        new("steps[].outcome", "string", "`done`, `skipped`, `notProvisioned` or `failed`"),
        new("steps[].result", "string", "what came of it"),
        new("steps[].next", "string", "what to do after a failure", Optional: true),
    ];

    /// <summary>Notes a step that held.</summary>
    public void Done(string name, string clause, string result) => _steps.Add(new UeStep(name, clause, UeStepOutcome.Done, result));

    /// <summary>Notes a step that was not taken.</summary>
    public void Skip(string name, string clause, string why) => _steps.Add(new UeStep(name, clause, UeStepOutcome.Skipped, why));

    /// <summary>Notes that key messages were not taken; any thread may.</summary>
    public void Refuse(int messages) => Interlocked.Add(ref _refused, messages);

    /// <summary>Takes a step.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="clause">Its clause.</param>
    /// <param name="act">Does it, and says what came of it.</param>
    /// <returns>False if it failed.</returns>
    public async Task<bool> TryAsync(string name, string clause, Func<Task<string>> act)
    {
        try
        {
            Done(name, clause, await act());
            return true;
        }
        catch (Exception fault) when (IsFailure(fault))
        {
            Fail(name, clause, Failures.Explain(fault));
            return false;
        }
    }

    /// <summary>Fetches a document.</summary>
    /// <returns>Null if it is not provisioned, which is no failure, or if it could not be had.</returns>
    public async Task<T?> TryFetchAsync<T>(string name, string clause, Func<Task<ServiceDocument<T>?>> fetch)
        where T : class
    {
        T? value = null;
        try
        {
            value = (await fetch())!.Value;
            Done(name, clause, "fetched");
        }
        catch (WatchwordClientException fault) when (fault.Fault == ClientFault.ServiceDocumentNotFound)
        {
            _steps.Add(new UeStep(name, clause, UeStepOutcome.NotProvisioned, "not provisioned"));
        }
        catch (Exception fault) when (IsFailure(fault))
        {
            Fail(name, clause, Failures.Explain(fault));
        }

        return value;
    }

    /// <summary>Notes a step that failed.</summary>
    public void Fail(string name, string clause, CliException fault)
    {
        _steps.Add(new UeStep(name, clause, UeStepOutcome.Failed, Words(fault), fault.Hint));
        invocation.Report.Explain($"{name} ({clause})", fault);
        if (invocation.ExitCode == ExitCode.Success)
        {
            invocation.ExitCode = fault.ExitCode;
        }
    }

    /// <summary>Prints what was done.</summary>
    public void Print()
    {
        if (RefusedMessages > 0)
        {
            invocation.Report.Warning($"{Printable.Number(RefusedMessages)} key messages were not taken");
            invocation.ExitCode = invocation.ExitCode == ExitCode.Success ? ExitCode.CheckFailed : invocation.ExitCode;
        }

        JsonObject machine = new() { ["steps"] = new JsonArray([.. _steps.Select(Machine)]), ["refusedMessages"] = RefusedMessages };
        invocation.Report.Result(machine, human => human.Table(
            ["step", "clause", "result"],
            _steps.Select(step => (string[])[
                step.Name, step.Clause, step.Outcome is UeStepOutcome.Failed ? "FAILED: " + step.Result : step.Result])));
    }

    // What somebody interrupts is no failure of a step; nor is a defect of the program.
    private static bool IsFailure(Exception fault) => fault is WatchwordClientException or CliException or SipSendException
        or SipFormatException;

    private static string Words(CliException fault) => fault.Cause is { } cause ? $"{fault.Message} ({cause})" : fault.Message;

    private static JsonNode Machine(UeStep step)
    {
        JsonObject machine = new()
        {
            ["name"] = step.Name,
            ["clause"] = step.Clause,
            ["outcome"] = JsonNamingPolicy.CamelCase.ConvertName(step.Outcome.ToString()),
            ["result"] = step.Result,
        };
        if (step.Next is { } next)
        {
            machine["next"] = next;
        }

        return machine;
    }
}

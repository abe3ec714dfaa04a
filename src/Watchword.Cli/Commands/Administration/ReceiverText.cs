using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary>The option <c>--wait</c>, and what the answer says of the resource servers, in both languages.</summary>
internal static class ReceiverText
{
    /// <summary>Members of the answer.</summary>
    public static IReadOnlyList<JsonField> Fields =>
    [
        new("receivers[].audience", "string", "with --wait: a resource server that is told of the change", Optional: true),
        new("receivers[].acknowledged", "boolean", "true if it has acknowledged the change", Optional: true),
    ];

    /// <summary>A fresh option.</summary>
    public static Option<int> WaitOption()
    {
        Option<int> option = new("--wait")
        {
            Description = $"seconds to wait for the resource servers to acknowledge, at most {AdministrationPaths.LongestWait}",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 0,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > AdministrationPaths.LongestWait)
            {
                result.AddError($"--wait takes 0 to {AdministrationPaths.LongestWait} seconds");
            }
        });
        return option;
    }

    /// <summary>The path with the wait in its query.</summary>
    public static string Path(string path, int wait) => wait > 0 ? $"{path}?{AdministrationPaths.WaitParameter}={wait}" : path;

    /// <summary>Adds the receivers to the result.</summary>
    public static void AddTo(JsonObject machine, IReadOnlyList<ReceiverView>? receivers)
    {
        if (receivers is not null)
        {
            machine["receivers"] = new JsonArray([.. receivers.Select(receiver => new JsonObject
            {
                ["audience"] = receiver.Audience, ["acknowledged"] = receiver.Acknowledged,
            })]);
        }
    }

    /// <summary>A line for each receiver.</summary>
    public static void Human(HumanWriter human, IReadOnlyList<ReceiverView>? receivers)
    {
        foreach (ReceiverView receiver in receivers ?? [])
        {
            human.Line($"{receiver.Audience} {(receiver.Acknowledged ? "has acknowledged it" : "has not acknowledged it yet")}");
        }
    }
}

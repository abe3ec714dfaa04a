using System.CommandLine;
using Watchword.Benchmarks.Startup;

namespace Watchword.Benchmarks.Commands;

/// <summary>What <c>startup</c> starts itself with.</summary>
internal sealed class FirstUseCommand : Command
{
    public FirstUseCommand()
        : base(FirstUseProcess.Command, "measures one first use, with inputs from the standard input")
    {
        Hidden = true;
        Argument<string> key = new("kind");
        Add(key);
        SetAction(parse => FirstUseProcess.Answer(FirstUses.All.Single(use => use.Key == parse.GetValue(key))));
    }
}

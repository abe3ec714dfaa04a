using System.CommandLine;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>The argument that names a message.</summary>
internal static class MessageArgument
{
    /// <summary>Makes the argument.</summary>
    public static Argument<string?> Create() => new("file")
    {
        HelpName = "FILE",
        Description = "the message; `-` or nothing for standard input",
        Arity = ArgumentArity.ZeroOrOne,
    };
}

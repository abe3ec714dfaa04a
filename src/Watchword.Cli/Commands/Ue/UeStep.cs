namespace Watchword.Cli.Commands.Ue;

/// <summary>One step of the way from a log-in to documents and group keys.</summary>
/// <param name="Name">A stable name.</param>
/// <param name="Clause">Where it is specified.</param>
/// <param name="Result">What came of it, in words.</param>
internal sealed record UeStep(string Name, string Clause, string Result);

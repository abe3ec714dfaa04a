using System.CommandLine;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Administration;

/// <summary>The three options that name MC service IDs.</summary>
internal sealed class ServiceIdOptions
{
    private readonly Option<string?> mcptt;
    private readonly Option<string?> mcvideo;
    private readonly Option<string?> mcdata;

    /// <summary>Makes the options; <paramref name="note"/> is appended to each description.</summary>
    public ServiceIdOptions(Command command, string note)
    {
        mcptt = Create("--mcptt-id", "MCPTT ID" + note);
        mcvideo = Create("--mcvideo-id", "MCVideo ID" + note);
        mcdata = Create("--mcdata-id", "MCData ID" + note);
        foreach (Option option in (Option[])[mcptt, mcvideo, mcdata])
        {
            command.Add(option);
        }
    }

    /// <summary>What was given, in the order MCPTT, MCVideo, MCData; each is checked unless it is empty.</summary>
    public (string? Mcptt, string? McVideo, string? McData) Read(Invocation invocation)
    {
        (string? Mcptt, string? McVideo, string? McData) given = (
            invocation.Get(mcptt), invocation.Get(mcvideo), invocation.Get(mcdata));
        foreach (string? value in (string?[])[given.Mcptt, given.McVideo, given.McData])
        {
            if (!string.IsNullOrEmpty(value) && !McServiceId.IsValid(value))
            {
                throw new WatchwordClientException(ClientFault.UriMalformed, value);
            }
        }

        return given;
    }

    private static Option<string?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "URI",
    };
}

using System.CommandLine;

namespace Watchword.Lab;

/// <summary>What the lab was asked to do.</summary>
/// <param name="Directory">Where everything of this lab is kept.</param>
/// <param name="Port">Port of the IdM server, the other servers take the next ones; 0 lets the system choose; null for the usual one, if it is free.</param>
/// <param name="Once">Exit after the walk.</param>
/// <param name="Json">Report for machines: one JSON object on standard output.</param>
/// <param name="Capture">Where the MIKEY messages of the walk are written as a capture; null for nowhere.</param>
internal sealed record LabOptions(string Directory, int? Port, bool Once, bool Json, string? Capture = null)
{
    /// <summary>Parses the command line; null with an exit code where help was shown or the line is wrong.</summary>
    public static (LabOptions? Options, int ExitCode) Parse(string[] args, TextWriter output, TextWriter error)
    {
        Option<string> data = new("--data")
        {
            Description = "the lab's data directory; a second start finds the lab as it was",
            DefaultValueFactory = _ => ".watchword-lab",
        };
        Option<int?> port = new("--port")
        {
            Description = "port of the IdM server; the other servers take the next ones (default: 7400 if free; 0: any free ports; a lab keeps its ports)",
        };
        Option<bool> once = new("--once") { Description = "exit after the walk, with 0 only if every step held" };
        Option<bool> json = new("--json") { Description = "report the steps as one JSON object" };
        Option<string?> capture = new("--capture")
        {
            Description = "write the MIKEY messages of the walk to this file, a pcap of SIP for Wireshark and `watchword mikey "
                + "decode`",
            HelpName = "FILE",
        };
        port.Validators.Add(result =>
        {
            if (result.GetValue(port) is < 0 or > LabPorts.Greatest)
            {
                result.AddError($"--port takes a number from 0 to {LabPorts.Greatest}");
            }
        });
        RootCommand root = new("Starts two complete domains on loopback, with IdM server, KMS, services and HTTP proxy each, and walks the main job through "
            + "their real interfaces. "
            + "This is a lab: nothing in it is fit for production.") { data, port, once, json, capture };
        ParseResult parsed = root.Parse(args);
        LabOptions? options = null;
        root.SetAction(result => options = new LabOptions(
            Path.GetFullPath(result.GetValue(data)!),
            result.GetValue(port),
            result.GetValue(once),
            result.GetValue(json),
            result.GetValue(capture)));
        int exitCode = parsed.Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (options, options is null && exitCode == 0 ? 0 : exitCode);
    }
}

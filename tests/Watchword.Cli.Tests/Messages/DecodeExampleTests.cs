using Watchword.Cli.Captures;
using Watchword.Cli.Commands.Mikey;
using Watchword.Cli.Diagnosis;
using Watchword.Cli.Messages;
using Watchword.Mikey;

namespace Watchword.Cli.Tests.Messages;

/// <summary>The worked example of docs/decode.md: every line of it is one that the command writes about such a message.</summary>
public sealed class DecodeExampleTests
{
    [Fact]
    public void The_worked_example_is_what_the_command_says()
    {
        KeyedDomain home = KeyedDomain.Home;
        const string Alice = "sip:alice@example.org";
        const string Bob = "sip:bob@example.org";
        using MikeyKey key = MikeyKey.Import(0x13060c40, new byte[16], new byte[16]);
        byte[] message = home.SignedAnew(
            home.Message(KeyDistribution.Pck, Alice, home.Recipient(Bob, -1), key: key), Alice, signed => signed[..^2]);
        FoundMessage found = new(
            message, new CapturedMessage(message, 12, "192.0.2.1:5060", "192.0.2.2:5060", "key-mgmt attribute of SDP"));
        DecodedMessage decoded = MessageDissector.Dissect(message, KeyedDomain.T);
        MessageDiagnosis diagnosis = new([home.Certificate], [home.Own(Bob), home.Own(Bob, -1)], KeyedDomain.T);
        DiagnosisResult result = diagnosis.Run(decoded);
        ScriptConsole console = new();

        new DecodedText(found, decoded, result, KeyedDomain.T).Write(new HumanWriter(console));

        string[] written = [.. console.Output.Split('\n').Select(line => line.TrimEnd())];
        string page = File.ReadAllText(RepositoryRoot.PathOf("docs", "decode.md"));
        int begin = page.IndexOf("$ watchword mikey decode call.pcap", StringComparison.Ordinal);
        string[] example =
        [
            .. page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)].Split('\n').Skip(1)
                .Select(line => line.TrimEnd()).Where(line => line.Length > 0 && line != "..."),
        ];
        example.Length.ShouldBeGreaterThan(15);
        foreach (string line in example)
        {
            written.ShouldContain(line, console.Output);
        }
    }
}

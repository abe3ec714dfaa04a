using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Diagnosis;
using Watchword.Cli.Messages;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>
/// <c>watchword mikey decode</c>: every field of I_MESSAGEs with its meaning, and why one does not fit. Needs no keys, no
/// network, and
/// a profile only on request.
/// </summary>
internal sealed class MikeyDecodeCommand : CliCommand
{
    private readonly Argument<string?> file = new("file")
    {
        HelpName = "FILE",
        Description = "a message or capture, or the message itself; `-` or nothing for standard input",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> certificates = new("--kms-cert")
    {
        HelpName = "FILE",
        Description = "a KMS certificate (Annex D XML) to recompute UIDs and check the signature with; may be repeated",
    };

    private readonly Option<bool> useProfile = new("--use-profile")
    {
        Description = "take the KMS certificates of the profile, and try its key sets on the encapsulated key",
    };

    public MikeyDecodeCommand(Surroundings surroundings)
        : base(
            "decode",
            "explain every field of MIKEY messages, and why one does not fit (TS 33.180 Annex E); needs no keys",
            surroundings)
    {
        Add(file);
        Add(certificates);
        Add(useProfile);
    }

    public override string Details => """
        Reads base64 with white space, hexadecimal, raw octets, `a=key-mgmt:mikey ` lines of SDP, and captures (pcap, pcapng) with
        SIP over UDP or TCP. Each field is shown with its place, value, meaning and clause, as far as the octets go. With KMS
        certificates the UIDs are recomputed for the key period of T and its neighbours and the signature is checked; with
        `--use-profile` the key sets of the profile are tried too. Where something does not fit, it says why and what
        to do: another key period, another domain, other octets signed, a leading zero dropped. No key is shown,
        nothing is kept, and a message can be decoded any number of times. Exit code 9: a message is malformed; 8: it
        is well formed and a check failed.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("valid", "boolean", "whether every message is well formed and no check failed"),
        .. DecodedText.Fields,
    ];

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        IReadOnlyList<FoundMessage> messages = MessageInput.Read(invocation.Io, invocation.Get(file));
        List<KmsCertificate> known = [.. (invocation.Get(certificates) ?? []).SelectMany(DiagnosisSources.CertificatesOf)];
        if (!invocation.Get(useProfile))
        {
            Report(invocation, messages, new MessageDiagnosis(known, [], invocation.Now));
            return;
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        known.AddRange([.. session.Store.Certificates.Reverse(), .. session.Store.PartnerCertificates]);
        Report(invocation, messages, new MessageDiagnosis(known, DiagnosisSources.KeysOf(session.Store), invocation.Now));
    }

    private static void Report(Invocation invocation, IReadOnlyList<FoundMessage> messages, MessageDiagnosis diagnosis)
    {
        bool valid = true;
        bool wellFormed = true;
        List<DecodedText> texts = [];
        foreach (FoundMessage message in messages)
        {
            DecodedMessage decoded = MessageDissector.Dissect(message.Octets, invocation.Now);
            DiagnosisResult result = diagnosis.Run(decoded);
            valid &= result.IsClean;
            wellFormed &= result.Findings[0].Result == FindingResult.Passed;
            texts.Add(new DecodedText(message, decoded, result, invocation.Now));
        }

        invocation.ExitCode = valid ? ExitCode.Success : wellFormed ? ExitCode.CheckFailed : ExitCode.Malformed;
        invocation.Report.Result(
            new JsonObject { ["valid"] = valid, ["messages"] = new JsonArray([.. texts.Select(text => text.Json())]) },
            human =>
            {
                for (int i = 0; i < texts.Count; i++)
                {
                    if (i > 0)
                    {
                        human.Line();
                    }

                    texts[i].Write(human);
                }
            });
    }
}

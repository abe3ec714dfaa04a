using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.TransportKeys;

/// <summary><c>watchword client import</c>: the out-of-band document with the first transport keys (TS 33.180 D.1).</summary>
internal sealed class ClientImportCommand : CliCommand
{
    private readonly Argument<string?> file = new("file")
    {
        Description = "the document, a file of mode 0600",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> text = new("--text") { Description = "read the text of the QR code from a prompt or standard input" };
    private readonly Option<bool> typed = new("--typed")
    {
        Description = "read the lines of the printed sheet from a prompt or standard input",
    };
    private readonly Option<string?> words = new("--words")
    {
        Description = "the fingerprint words as the operator of the KMS said them (default: a prompt)",
        HelpName = "WORDS",
    };

    public ClientImportCommand(Surroundings surroundings)
        : base("import", "take over the transport keys that the operator of the KMS handed out for this client", surroundings)
    {
        Add(file);
        Add(text);
        Add(typed);
        Add(words);
    }

    public override string Details => """
        The document has three forms with the same content: a file, the text of a QR code, and a sheet to type in line by line.
        Whichever it is, its fingerprint words are to be the ones that the operator of the KMS reads out by another way; they are no
        secret. From then on every request is signed, unsigned answers and key material in the clear are refused, and the KMS can
        replace the keys by itself. Keys of an earlier import are wiped.
        """;

    public override IReadOnlyList<JsonField> Fields => TransportKeyText.Fields;

    public override IReadOnlyList<ExitCode> Failures =>
        [ExitCode.NotLoggedIn, ExitCode.Locked, ExitCode.CheckFailed, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string? path = invocation.Get(file);
        if (new[] { path is not null, invocation.Get(text), invocation.Get(typed) }.Count(given => given) != 1)
        {
            throw new CliException(ExitCode.Usage, "a document is named by a FILE, or by --text or --typed");
        }

        using Session session = await Session.OpenAsync(invocation, cancellationToken);
        using TransportKeyFile document = path is not null ? DocumentInput.FromFile(path)
            : invocation.Get(text) ? DocumentInput.FromText(invocation.Io)
            : DocumentInput.FromSheet(invocation.Io);
        Confirm(invocation, document);
        session.Store.ImportTransportKeys(document);
        if (session.Settings.Kms is null)
        {
            session.RememberKms(document.KmsAddress);
        }
        else if (!string.Equals(session.Settings.Kms.TrimEnd('/'), document.KmsAddress.TrimEnd('/'), StringComparison.Ordinal))
        {
            invocation.Report.Warning($"the document names {document.KmsAddress}, the profile goes on with {session.Settings.Kms}");
        }

        IReadOnlyList<TransportKeyInfo> keys = session.Store.TransportKeys;
        invocation.Report.Result(
            new JsonObject { ["transportKeys"] = TransportKeyText.Json(keys) }, human => TransportKeyText.Human(human, keys));
    }

    private void Confirm(Invocation invocation, TransportKeyFile document)
    {
        string shown = string.Join(' ', document.FingerprintWords);
        invocation.Report.Note($"keys for {document.UserUri}, client {document.ClientId}, from {document.KmsUri}");
        invocation.Report.Note($"fingerprint words: {shown}");
        if (invocation.Get(words) is { } said)
        {
            string[] given = said.Split([' ', ',', '-'], StringSplitOptions.RemoveEmptyEntries);
            if (given.SequenceEqual(document.FingerprintWords, StringComparer.OrdinalIgnoreCase))
            {
                return;
            }

            throw new WatchwordClientException(ClientFault.EnrolmentNotConfirmed, "the words given are others");
        }

        if (!invocation.Io.CanPrompt)
        {
            throw new WatchwordClientException(ClientFault.EnrolmentNotConfirmed, "no --words, and no terminal to ask at");
        }

        string answer = invocation.Io.ReadLine("are these the words that the operator of the KMS read out? (yes/no)");
        if (!string.Equals(answer.Trim(), "yes", StringComparison.OrdinalIgnoreCase))
        {
            throw new WatchwordClientException(ClientFault.EnrolmentNotConfirmed);
        }
    }
}

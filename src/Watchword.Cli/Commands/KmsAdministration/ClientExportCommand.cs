using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using QRCoder;
using Watchword.Cli.Administration;
using Watchword.Cli.Profiles;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary><c>watchword client export</c>: the one time that transport keys leave the KMS in clear (TS 33.180 D.1).</summary>
internal sealed class ClientExportCommand : KmsAdminCommand
{
    private const int PixelsPerModule = 8;

    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> user = EnrolmentText.UserOption();
    private readonly Option<string> client = EnrolmentText.ClientOption();
    private readonly Option<string?> file = new("--out") { Description = "write the document as a new file of mode 0600", HelpName = "FILE" };
    private readonly Option<bool> qr = new("--qr") { Description = "print a QR code on the terminal" };
    private readonly Option<string?> png = new("--png")
    {
        Description = "write a QR code as a new PNG file of mode 0600",
        HelpName = "FILE",
    };
    private readonly Option<string?> sheet = new("--sheet")
    {
        Description = "write a sheet to print and seal as a new file of mode 0600",
        HelpName = "FILE",
    };

    public ClientExportCommand(Surroundings surroundings)
        : base("export", "take the first transport keys of a client out of the KMS, once", surroundings)
    {
        foreach (Option option in (Option[])[domain, user, client, file, qr, png, sheet])
        {
            Add(option);
        }
    }

    public override string Details => """
        Exactly one form is chosen: a file, a QR code or a sheet, each for `watchword client import`. The KMS gives the keys out once;
        if the document does not reach the client, it is enrolled anew with `--replace`. Read the fingerprint words to whoever
        imports it, by another way than the document goes. A QR code on the terminal needs one that shows Unicode blocks; with
        `--json` it is refused, because standard output is the result. Role: user administrator.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("userUri", "string", "the identity"),
        new("clientId", "string", "the client"),
        new("kmsUri", "string", "the security domain"),
        new("transportKeyId", "string", "id of the transport key"),
        new("integrityKeyId", "string", "id of the integrity key"),
        new("fingerprintWords[]", "string", "words to read to whoever imports it"),
        new("file", "string", "the file that was written", Optional: true),
    ];

    protected override void Check(Invocation invocation)
    {
        if (new[] { invocation.Get(file) is not null, invocation.Get(qr), invocation.Get(png) is not null, invocation.Get(sheet) is not null }
            .Count(given => given) != 1)
        {
            throw new CliException(ExitCode.Usage, "choose one of --out FILE, --qr, --png FILE and --sheet FILE");
        }

        if (invocation.Get(qr) && (invocation.Report.Json || !invocation.Io.IsOutputTerminal))
        {
            throw new CliException(ExitCode.Usage, "--qr shows keys on a terminal, and standard output is none")
            {
                Hint = "write a file with --png FILE",
            };
        }

        // Before the keys are taken: they are given out once.
        if (Target(invocation) is { } path && (File.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))))
        {
            throw new CliException(ExitCode.Usage, $"{path} exists, or its directory does not");
        }
    }

    protected override async Task RunAsync(
        Invocation invocation, KmsAdminClient admin, CancellationToken cancellationToken)
    {
        byte[] answer = await admin.PostAsync(
            KmsAdminPaths.Clients(invocation.Required(domain), "export"),
            new ClientRequest { UserUri = invocation.Required(user), ClientId = invocation.Required(client) },
            KmsAdminJson.Default.ClientRequest,
            cancellationToken);
        try
        {
            using TransportKeyFile keys = TransportKeyFile.Parse(answer);
            Write(invocation, keys);
            Report(invocation, keys);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(answer);
        }
    }

    private string? Target(Invocation invocation) =>
        invocation.Get(file) ?? invocation.Get(png) ?? invocation.Get(sheet);

    private void Write(Invocation invocation, TransportKeyFile keys)
    {
        if (invocation.Get(file) is { } document)
        {
            using SecretText text = keys.ExportFile();
            WriteNew(document, text.Utf8);
        }
        else if (invocation.Get(sheet) is { } printed)
        {
            using SecretText text = keys.ExportSheet();
            WriteNew(printed, text.Utf8);
        }
        else
        {
            using SecretText text = keys.ExportCompact();
            byte[] content = GC.AllocateUninitializedArray<byte>(text.Utf8.Length, pinned: true);
            text.Utf8.CopyTo(content);
            using QRCodeData code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.L);
            CryptographicOperations.ZeroMemory(content);
            if (invocation.Get(png) is { } picture)
            {
                using PngByteQRCode drawn = new(code);
                byte[] octets = drawn.GetGraphic(PixelsPerModule);
                WriteNew(picture, octets);
                CryptographicOperations.ZeroMemory(octets);
            }
            else
            {
                using AsciiQRCode drawn = new(code);
                invocation.Io.StandardOutput.WriteLine(drawn.GetGraphicSmall(drawQuietZones: true));
            }
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> octets)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = ProfileLocation.FileMode;
        }

        using FileStream stream = new(path, options);
        stream.Write(octets);
        stream.Flush(flushToDisk: true);
    }

    private void Report(Invocation invocation, TransportKeyFile keys)
    {
        JsonObject machine = new()
        {
            ["userUri"] = keys.UserUri,
            ["clientId"] = keys.ClientId,
            ["kmsUri"] = keys.KmsUri,
            ["transportKeyId"] = keys.TransportKey.Id,
            ["integrityKeyId"] = keys.IntegrityKey.Id,
            ["fingerprintWords"] = new JsonArray([.. keys.FingerprintWords.Select(word => (JsonNode)JsonValue.Create(word))]),
        };
        if (Target(invocation) is { } path)
        {
            machine["file"] = path;
        }

        invocation.Report.Result(machine, human => human.Fields(
        [
            ("user", keys.UserUri),
            ("client", keys.ClientId),
            ("kms", keys.KmsUri),
            ("keys", $"{keys.TransportKey.Id} {keys.IntegrityKey.Id}"),
            ("words", string.Join(' ', keys.FingerprintWords)),
            ("file", Target(invocation)),
        ]));
    }
}

using System.CommandLine;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Cli.Secrets;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user import</c>.</summary>
internal sealed class UserImportCommand : AdministrationCommand
{
    private const int MaxOctets = 8 << 20;

    private readonly Argument<string> file = new("file") { HelpName = "FILE", Description = "JSON array of accounts, mode 0600" };

    public UserImportCommand(Surroundings surroundings)
        : base("import", "make many accounts, or none of them", surroundings) => Add(file);

    public override string Details => """
        The file is a JSON array of objects with `userName`, `password` and, as the user has them, `mcpttId`,
        `mcvideoId`, `mcdataId`, `administrator`. It holds passwords, so its mode must be 0600. If one row is refused no
        account is made, and every refused row is named.
        """;

    public override IReadOnlyList<JsonField> Fields => [new("created", "number", "how many accounts were made")];

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        byte[] content = Read(invocation.Required(file));
        try
        {
            using ByteArrayContent body = new(content);
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            ImportResult result = await client.SendAsync(
                HttpMethod.Post,
                AdministrationPaths.AccountImport,
                body,
                AdministrationJson.Default.ImportResult,
                cancellationToken);
            invocation.Report.Result(
                new JsonObject { ["created"] = result.Created }, human => human.Line($"{result.Created} accounts made"));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static byte[] Read(string path)
    {
        using FileStream stream = SecretInput.OpenPrivate(path, "import");
        if (stream.Length > MaxOctets)
        {
            throw new CliException(ExitCode.Malformed, $"{path} is longer than 8 MiB") { Hint = "import it in parts" };
        }

        byte[] content = GC.AllocateArray<byte>((int)stream.Length, pinned: true);
        try
        {
            stream.ReadExactly(content);
            RequireArray(content, path);
            return content;
        }
        catch
        {
            CryptographicOperations.ZeroMemory(content);
            throw;
        }
    }

    // The server checks the rows; that it is JSON at all is said here, with the line.
    private static void RequireArray(byte[] content, string path)
    {
        try
        {
            Utf8JsonReader reader = new(content);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Skip();
                return;
            }
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Malformed, $"{path} is not JSON", exception)
            {
                Cause = $"line {(exception.LineNumber ?? 0) + 1}",
            };
        }

        throw new CliException(ExitCode.Malformed, $"{path} is not a JSON array of accounts");
    }
}

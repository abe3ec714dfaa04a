using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Cli.Secrets;
using Watchword.Client;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword admin enroll</c>: the first administrator, by the one-time code of the initialisation.</summary>
internal sealed class EnrollCommand : CliCommand
{
    private readonly Option<string> idm = ConnectionOptions.Idm();
    private readonly Option<string?> ca = ConnectionOptions.Ca();
    private readonly Option<string> user = new("--user")
    {
        Description = "log-in name of the administrator",
        HelpName = "NAME",
        Required = true,
    };
    private readonly Option<bool> codeStdin = new("--code-stdin")
    {
        Description = "read the one-time code from the first line of standard input",
    };
    private readonly Option<bool> passwordStdin = new("--password-stdin")
    {
        Description = "read the new password from the next line of standard input",
    };

    public EnrollCommand(Surroundings surroundings)
        : base(
            "enroll",
            "make the first administrator by the one-time code that the initialisation of the IdM server printed",
            surroundings)
    {
        foreach (Option option in (Option[])[idm, ca, user, codeStdin, passwordStdin])
        {
            Add(option);
        }
    }

    public override string Details => """
        Works once: with the first administrator the code ends. What is not read from standard input is asked for. Log
        in afterwards with `watchword login --admin`. No profile is needed or made.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("userName", "string", "log-in name of the administrator"),
        new("idm", "string", "URL of the IdM server"),
    ];

    public override IReadOnlyList<ExitCode> Failures => [ExitCode.Refused, ExitCode.Unreachable, ExitCode.Malformed];

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using TlsTrust trust = ConnectionOptions.Trust(invocation.Get(ca));
        using AdministrationClient client = new(invocation.Required(idm), trust, token: null);
        (SecretText code, SecretText password) = Secrets(invocation);
        using (code)
        using (password)
        {
            using SecretJson body = new([("code", code), ("password", password)], [("userName", invocation.Required(user))], []);
            using HttpContent content = body.ToContent();
            await client.SendAsync(HttpMethod.Post, AdministrationPaths.Bootstrap, content, cancellationToken);
        }

        invocation.Report.Result(
            new JsonObject { ["userName"] = invocation.Required(user), ["idm"] = invocation.Required(idm) },
            human => human.Line(
                $"{invocation.Required(user)} is the first administrator; log in with: "
                + $"watchword login --admin --idm {invocation.Required(idm)}"));
    }

    private (SecretText Code, SecretText Password) Secrets(Invocation invocation)
    {
        (bool codePiped, bool passwordPiped) = (invocation.Get(codeStdin), invocation.Get(passwordStdin));
        if (codePiped && passwordPiped)
        {
            SecretText[] both = SecretInput.FromStandardInput(invocation.Io, "code", "password");
            return (both[0], both[1]);
        }

        SecretText code = codePiped
            ? SecretInput.FromStandardInput(invocation.Io, "code")[0]
            : SecretInput.Prompt(invocation.Io, "one-time code", "pipe it in with --code-stdin");
        try
        {
            return (code, passwordPiped
                ? SecretInput.FromStandardInput(invocation.Io, "password")[0]
                : SecretInput.PromptNew(
                    invocation.Io, "password", 1, "pipe code and password in, a line each, with --code-stdin --password-stdin"));
        }
        catch
        {
            code.Dispose();
            throw;
        }
    }
}

using System.CommandLine;
using Watchword.Cli.Administration;
using Watchword.Cli.Secrets;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user add</c>.</summary>
internal sealed class UserAddCommand : AdministrationCommand
{
    private readonly Argument<string> name = new("name") { HelpName = "NAME", Description = "log-in name of the new account" };
    private readonly Option<bool> administrator = new("--administrator")
    {
        Description = "the account may manage the IdM server",
    };
    private readonly Option<bool> passwordStdin = new("--password-stdin")
    {
        Description = "read the account's password from the first line of standard input",
    };
    private readonly ServiceIdOptions ids;

    public UserAddCommand(Surroundings surroundings)
        : base("add", "make an account at the IdM server", surroundings)
    {
        Add(name);
        ids = new ServiceIdOptions(this, " of the user, `sip:` or `tel:`; compared octet by octet");
        Add(administrator);
        Add(passwordStdin);
    }

    public override string Details => """
        The password is asked for twice, or read from standard input. The user gets those MC services for which an MC
        service ID is given.
        """;

    public override IReadOnlyList<JsonField> Fields => AccountText.Fields(string.Empty);

    protected override void Request(Invocation invocation) => ids.Read(invocation);

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        (string? mcptt, string? mcvideo, string? mcdata) = ids.Read(invocation);
        using SecretText password = invocation.Get(passwordStdin)
            ? SecretInput.FromStandardInput(invocation.Io, "password")[0]
            : SecretInput.PromptNew(
                invocation.Io, $"password of {invocation.Required(name)}", 1, "pipe the password in with --password-stdin");
        using SecretJson body = new(
            [("password", password)],
            [
                ("userName", invocation.Required(name)),
                ("mcpttId", NotEmpty(mcptt)),
                ("mcvideoId", NotEmpty(mcvideo)),
                ("mcdataId", NotEmpty(mcdata)),
            ],
            [("administrator", invocation.Get(administrator))]);
        using HttpContent content = body.ToContent();
        AccountView account = await client.SendAsync(
            HttpMethod.Post, AdministrationPaths.Accounts, content, AdministrationJson.Default.AccountView, cancellationToken);
        invocation.Report.Result(AccountText.Json(account), human => AccountText.Human(human, account));
    }

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

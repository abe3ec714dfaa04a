using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user remove</c>.</summary>
internal sealed class UserRemoveCommand : AdministrationCommand
{
    private readonly Argument<string> name = new("name") { HelpName = "NAME", Description = "log-in name of the account" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "show which account it is and change nothing" };
    private readonly Option<int> wait = ReceiverText.WaitOption();

    public UserRemoveCommand(Surroundings surroundings)
        : base("remove", "remove an account for good", surroundings)
    {
        Add(name);
        Add(dryRun);
        Add(wait);
    }

    public override string Details => """
        The log-in name and the MC service IDs are free again; the `sub` is never given to another account. Tokens of the
        account are void at once at every resource server that takes security events. There is no way back: `watchword user
        disable` has one.
        """;

    public override IReadOnlyList<JsonField> Fields =>
    [
        .. AccountText.Fields(string.Empty),
        new("removed", "boolean", "false with --dry-run"),
        .. ReceiverText.Fields,
    ];

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        string user = invocation.Required(name);
        bool removes = !invocation.Get(dryRun);
        AccountView account = removes
            ? await client.SendAsync(
                HttpMethod.Delete,
                ReceiverText.Path(AdministrationPaths.Account(user), invocation.Get(wait)),
                null,
                AdministrationJson.Default.AccountView,
                cancellationToken)
            : await FindAsync(client, user, cancellationToken);
        JsonObject machine = AccountText.Json(account);
        machine["removed"] = removes;
        ReceiverText.AddTo(machine, account.Receivers);
        invocation.Report.Result(machine, human =>
        {
            AccountText.Human(human, account);
            human.Line(removes ? $"{account.UserName} is removed" : $"{account.UserName} would be removed; nothing was changed");
            ReceiverText.Human(human, account.Receivers);
        });
    }

    private static async Task<AccountView> FindAsync(AdministrationClient client, string user, CancellationToken cancellationToken)
    {
        IReadOnlyList<AccountView> accounts = await client.GetAsync(
            AdministrationPaths.Accounts, AdministrationJson.Default.IReadOnlyListAccountView, cancellationToken);
        return accounts.FirstOrDefault(account => string.Equals(account.UserName, user, StringComparison.OrdinalIgnoreCase))
            ?? throw new CliException(ExitCode.Refused, $"there is no account {user}") { Hint = "watchword user list" };
    }
}

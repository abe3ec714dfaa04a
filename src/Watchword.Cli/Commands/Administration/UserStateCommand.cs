using System.CommandLine;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword user disable</c> and <c>watchword user enable</c>.</summary>
internal sealed class UserStateCommand : AdministrationCommand
{
    private readonly Argument<string> name = new("name") { HelpName = "NAME", Description = "log-in name of the account" };
    private readonly Option<int> wait = ReceiverText.WaitOption();
    private readonly bool enable;

    public UserStateCommand(bool enable, Surroundings surroundings)
        : base(
            enable ? "enable" : "disable",
            enable ? "let a disabled account log in again" : "end all sessions of an account and refuse it from now on",
            surroundings)
    {
        this.enable = enable;
        Add(name);
        Add(wait);
    }

    public override string Details => enable
        ? "The user must log in again: sessions that ended when the account was disabled stay ended."
        : "Refresh tokens of the account end at once; an access token that is already out is void at every resource server that "
            + "takes security events, elsewhere it ends with its lifetime. Keys that the user holds end with their key period.";

    public override IReadOnlyList<JsonField> Fields =>
    [
        new("userName", "string", "log-in name"),
        new("enabled", "boolean", "state of the account after the command"),
        .. ReceiverText.Fields,
    ];

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        string user = invocation.Required(name);
        string path = enable ? AdministrationPaths.Enable(user) : AdministrationPaths.Disable(user);
        AccountView account = await client.SendAsync(
            HttpMethod.Post,
            ReceiverText.Path(path, invocation.Get(wait)),
            null,
            AdministrationJson.Default.AccountView,
            cancellationToken);
        JsonObject machine = new() { ["userName"] = user, ["enabled"] = enable };
        ReceiverText.AddTo(machine, account.Receivers);
        invocation.Report.Result(machine, human =>
        {
            human.Line($"{user} is {(enable ? "enabled" : "disabled")}");
            ReceiverText.Human(human, account.Receivers);
        });
    }
}

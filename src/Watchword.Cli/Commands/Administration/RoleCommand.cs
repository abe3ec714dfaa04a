using System.CommandLine;
using Watchword.Cli.Administration;
using Watchword.Identity;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword admin role grant</c> and <c>watchword admin role revoke</c>.</summary>
internal sealed class RoleCommand : AdministrationCommand
{
    private readonly bool grants;
    private readonly Argument<string> name = new("name") { HelpName = "NAME", Description = "log-in name of the account" };
    private readonly Argument<string> role = new("role")
    {
        HelpName = "ROLE",
        Description = string.Join(", ", KmsRoleScopes.Roles),
    };

    public RoleCommand(bool grant, Surroundings surroundings)
        : base(
            grant ? "grant" : "revoke",
            grant ? "give an account a role at the admin API of the KMS" : "take a role at the admin API of the KMS away",
            surroundings)
    {
        grants = grant;
        role.AcceptOnlyFromAmong([.. KmsRoleScopes.Roles]);
        Add(name);
        Add(role);
    }

    public override string Details => grants
        ? """
            The account can then log in with `watchword login --kms-role ROLE`. One account holds one of the roles, unless the IdM
            server is configured otherwise.
            """
        : """
            Every log-in of the account ends at once, at every resource server that takes security events.
            """;

    public override IReadOnlyList<JsonField> Fields => AccountText.Fields(string.Empty);

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        AccountView account = await client.SendAsync(
            grants ? HttpMethod.Put : HttpMethod.Delete,
            AdministrationPaths.KmsRole(invocation.Required(name), invocation.Required(role)),
            null,
            AdministrationJson.Default.AccountView,
            cancellationToken);
        invocation.Report.Result(AccountText.Json(account), human => AccountText.Human(human, account));
    }
}

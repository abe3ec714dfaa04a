using System.CommandLine;
using Watchword.Cli.Administration;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary><c>watchword foreign-user block</c> and <c>watchword foreign-user unblock</c>.</summary>
internal sealed class ForeignUserStateCommand : AdministrationCommand
{
    private readonly Argument<string> subject = new("subject")
    {
        HelpName = "SUBJECT",
        Description = "`sub` of the user here, from `watchword foreign-user list`",
    };

    private readonly bool block;

    public ForeignUserStateCommand(bool block, Surroundings surroundings)
        : base(
            block ? "block" : "unblock",
            block ? "end all tokens of a user of another domain and give him none from now on" : "give a blocked user of another domain tokens again",
            surroundings)
    {
        this.block = block;
        Add(subject);
    }

    public override string Details => block
        ? "His home IdM server is not asked. Every resource server that takes security events refuses the access tokens that he has at "
            + "once, elsewhere they end with their lifetime."
        : "Tokens that ended when he was blocked stay ended: he needs a new security token of his home IdM server.";

    public override IReadOnlyList<JsonField> Fields => ForeignUserText.Fields(string.Empty);

    protected override async Task RunAsync(
        Invocation invocation, AdministrationClient client, CancellationToken cancellationToken)
    {
        ForeignSubjectView user = await client.SendAsync(
            HttpMethod.Post,
            AdministrationPaths.BlockForeign(invocation.Required(subject), block),
            null,
            AdministrationJson.Default.ForeignSubjectView,
            cancellationToken);
        invocation.Report.Result(
            ForeignUserText.Json(user), human => human.Line($"{user.Subject} of {user.Issuer} is {(user.Blocked ? "blocked" : "let in")}"));
    }
}

using System.CommandLine;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary><c>watchword client enrol</c>.</summary>
internal sealed class ClientEnrolCommand : KmsAdminCommand
{
    private readonly Option<string> domain = DomainOption();
    private readonly Option<string> user = EnrolmentText.UserOption();
    private readonly Option<string> client = EnrolmentText.ClientOption();
    private readonly Option<string?> wrap = new("--wrap")
    {
        Description = "how keys are wrapped for it: kwStrip04, kwp or kwpAsKw (default: as for the domain)",
        HelpName = "PROFILE",
    };
    private readonly Option<bool> replace = new("--replace") { Description = "give new keys to a client that has some, which are void then" };
    private readonly Option<bool> dryRun = DryRunOption();

    public ClientEnrolCommand(Surroundings surroundings)
        : base("enrol", "make the first transport keys of a client at the KMS", surroundings)
    {
        foreach (Option option in (Option[])[domain, user, client, wrap, replace, dryRun])
        {
            Add(option);
        }
    }

    public override string Details => """
        The keys stay at the KMS until `watchword client export` takes them out, once. From then on requests of that identity
        must be signed. Role: user administrator.
        """;

    public override IReadOnlyList<JsonField> Fields => EnrolmentText.ActFields;

    protected override async Task RunAsync(
        Invocation invocation, KmsAdminClient admin, CancellationToken cancellationToken)
    {
        ClientActResult result = await admin.PostAsync(
            Act(KmsAdminPaths.Clients(invocation.Required(domain)), invocation.Get(dryRun)),
            new EnrolClientRequest
            {
                UserUri = invocation.Required(user),
                ClientId = invocation.Required(client),
                WrapProfile = invocation.Get(wrap),
                Replace = invocation.Get(replace),
            },
            KmsAdminJson.Default.EnrolClientRequest,
            KmsAdminJson.Default.ClientActResult,
            cancellationToken);
        EnrolmentText.Report(invocation, result, "enrolled");
    }
}

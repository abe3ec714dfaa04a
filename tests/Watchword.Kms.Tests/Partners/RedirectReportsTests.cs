using Watchword.KeyManagement;

namespace Watchword.Kms.Tests.Partners;

public sealed class RedirectReportsTests : PartnerTests
{
    private static readonly Requester Alice = new("https://idm.x.example", "alice", [new RequesterIdentity("sip:alice@x.example", "mcptt")]);

    [Fact]
    public async Task Only_certificates_of_approved_partners_are_given_and_the_others_are_listed()
    {
        await ApprovedAsync(Certificate());
        await ImportAsync(Certificate("kms.pending.example", domains: "pending.example"));
        PartnerAnswer given = await ReportAsync(
            Response(Other, "kms.pending.example", "kms.unknown.example", Home));
        given.Number.ShouldBe(1);
        given.Current.ShouldHaveSingleItem().KmsUri.ShouldBe(Other);
        (await Reports().ListProposedAsync(Home, Token)).Select(kms => kms.KmsUri)
            .ShouldBe(["kms.pending.example", "kms.unknown.example"], ignoreOrder: true);
        (await Directory.ListAsync(Home, Token)).Count.ShouldBe(2);
        RedirectReport report = (await Reports().ListAsync(Home, Token)).ShouldHaveSingleItem();
        (report.Issuer, report.Subject).ShouldBe((Alice.Issuer, Alice.Subject));
        KmsRedirectResponse.Parse(report.Content).ProposedKmsUris.Count.ShouldBe(4);
        (await AuditAsync())[^1].Entry.Detail.ShouldBe("redirect-report");
        await Reports().DismissAsync(Approver, Home, "kms.unknown.example", Correlation, Token);
        (await Reports().ListProposedAsync(Home, Token)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_responses_within_responses_the_outermost_proposes()
    {
        KmsRedirectResponse inner = Response("kms.a.example", "kms.b.example");
        await ReportAsync(KmsRedirectResponse.Create(Home, Other, ["kms.b.example"], inner));
        (await Reports().ListProposedAsync(Home, Token)).ShouldHaveSingleItem().KmsUri.ShouldBe("kms.b.example");
    }

    [Fact]
    public async Task Too_much_and_nothing_are_refused_and_leave_nothing()
    {
        KmsRedirectResponse[] many = [.. Enumerable.Repeat(Response(Other), RedirectReports.MaxResponses + 1)];
        KmsRedirectResponse wide = Response([.. Enumerable.Range(0, RedirectReports.MaxProposed + 1).Select(i => $"kms.{i}.example")]);
        KmsRedirectResponse large = Response([.. Enumerable.Range(0, 30).Select(i => $"kms.{i}.example{new string('x', 1800)}")]);
        foreach (KmsRedirectResponse[] responses in (KmsRedirectResponse[][])[[], many, [wide], [large]])
        {
            (await ErrorOf(ReportAsync(responses))).ShouldBe(KmsError.MalformedRedirectResponse);
        }

        (await Reports().ListAsync(Home, Token)).ShouldBeEmpty();
        (await Reports().ListProposedAsync(Home, Token)).ShouldBeEmpty();
    }

    private static KmsRedirectResponse Response(params string[] proposed) => KmsRedirectResponse.Create(Home, Other, proposed);

    private Task<PartnerAnswer> ReportAsync(params KmsRedirectResponse[] responses) =>
        Reports().ReportAsync(Home, Alice, responses, Correlation, Token);

    private RedirectReports Reports() => new(Store, Certificates, new RedirectLimits(10, 100, 100), Time);
}

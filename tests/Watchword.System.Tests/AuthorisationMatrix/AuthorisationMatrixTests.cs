using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>
/// Every service times every kind of wrong token, against real servers over the network: the documented answer each time, and no
/// state changed; and the right one, which is let in.
/// </summary>
public sealed class AuthorisationMatrixTests(MatrixLab lab) : IClassFixture<MatrixLab>
{
    private static readonly XcapRow ProfileOfUser = new("GET", XcapTargetKind.Profile, HttpMethod.Get);
    private static readonly XcapRow GroupById = new("GET by identity", XcapTargetKind.GroupById, HttpMethod.Get);

    internal static IReadOnlyList<MatrixRow> Rows { get; } =
    [
        new KmsRow("init", AnnexDOperation.Init),
        new KmsRow("keyprov", AnnexDOperation.KeyProv),
        new KmsRow("keyprov/{uri}", AnnexDOperation.KeyProv, Names: true),
        new KmsRow("certcache", AnnexDOperation.CertCache),
        new KmsRow("cert/{kms-uri}", AnnexDOperation.Cert),
        new KmsRow("lookup/{uri}", AnnexDOperation.Lookup),
        new KmsRow("redirect", AnnexDOperation.Redirect),
        .. AnnexB.Services.Select(service => new McxPublishRow(service)),
        .. AnnexB.Services.Select(service => new McxRegisterRow(service)),
        new McxSettingsRow(),
        new McxSubscribeRow(),
        ProfileOfUser,
        new XcapRow("PUT", XcapTargetKind.Profile, HttpMethod.Put),
        new XcapRow("DELETE", XcapTargetKind.Profile, HttpMethod.Delete),
        new DocumentSubscribeRow(ProfileOfUser),
        GroupById,
        new XcapRow("DELETE by identity", XcapTargetKind.GroupById, HttpMethod.Delete),
        new XcapRow("GET in a directory", XcapTargetKind.GroupInDirectory, HttpMethod.Get),
        new XcapRow("PUT in a directory", XcapTargetKind.GroupInDirectory, HttpMethod.Put),
        new XcapRow("GET keys", XcapTargetKind.GroupKeys, HttpMethod.Get),
        new XcapRow("POST keys", XcapTargetKind.GroupKeys, HttpMethod.Post),
        new DocumentSubscribeRow(GroupById),
        new KmsRow("KMS init", AnnexDOperation.Init, ThroughProxy: true),
        new KmsRow("KMS keyprov", AnnexDOperation.KeyProv, ThroughProxy: true),
        new XcapRow("CMS GET", XcapTargetKind.Profile, HttpMethod.Get, ThroughProxy: true),
        new XcapRow("GMS GET", XcapTargetKind.GroupById, HttpMethod.Get, ThroughProxy: true),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> RowNames => [.. Rows.Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(RowNames))]
    public async Task A_wrong_credential_gets_the_documented_answer_and_changes_nothing(string name)
    {
        MatrixRow row = Rows.Single(known => known.ToString() == name);
        List<string> faults = [];
        // First one whom the servers have not seen, then those who make what wrong ones could harm.
        await row.PrepareAsync(lab, Cancel);
        await TryWrongAsync([Credential.OtherUser]);
        foreach (Credential kind in CredentialText.Good)
        {
            if (row.Expected(kind) is { } expected)
            {
                await row.PrepareAsync(lab, Cancel);
                await TryGoodAsync(kind, expected);
            }
        }

        await row.PrepareAsync(lab, Cancel);
        await TryWrongAsync(CredentialText.Wrong);
        faults.ShouldBeEmpty($"{name}: {faults.Count} faults");

        async Task TryGoodAsync(Credential kind, string expected)
        {
            await lab.SettleAsync();
            string[] before = Digest();
            long audit = lab.Kms.LastAuditRecord();
            Seen? seen = await TryAsync(kind, expected);
            if (row.Changes && Digest().SequenceEqual(before))
            {
                faults.Add($"{kind}: changed nothing");
            }

            IEnumerable<int> written = lab.Kms.AuditAfter(audit)
                .Where(line => line.CorrelationId == seen?.CorrelationId).Select(line => line.Kind);
            if (row is KmsRow { Issues: true } && !written.SequenceEqual([(int)AuditKind.Intent, (int)AuditKind.Outcome]))
            {
                faults.Add($"{kind}: the audit log has no intent and outcome");
            }
        }

        async Task TryWrongAsync(IReadOnlyList<Credential> kinds)
        {
            await lab.SettleAsync();
            string[] before = Digest();
            foreach (Credential kind in kinds)
            {
                if (row.Expected(kind) is { } expected)
                {
                    long audit = lab.Kms.LastAuditRecord();
                    Seen? seen = await TryAsync(kind, expected);
                    string[] after = Digest();
                    faults.AddRange(after.Except(before).Select(table => $"{kind}: changed {table}"));
                    faults.AddRange(AuditFaults(row, audit, seen).Select(fault => $"{kind}: {fault}"));
                    before = after;
                }
            }
        }

        string[] Digest() => [.. lab.Kms.Digest(row.NotCompared), .. lab.Services.Digest(row.NotCompared)];

        async Task<Seen?> TryAsync(Credential kind, string expected)
        {
            try
            {
                Seen seen = await row.SendAsync(lab, kind, Cancel);
                if (seen.Text != expected)
                {
                    faults.Add($"{kind}: {seen.Text} where {expected} is documented");
                }

                return seen;
            }
            catch (ShouldAssertException fault)
            {
                faults.Add($"{kind}: {fault.Message}");
                return null;
            }
        }
    }

    [Fact]
    public void The_page_has_every_service_and_every_kind_with_the_answer_that_the_tests_demand()
    {
        string file = RepositoryRoot.PathOf("docs", "authorisation-matrix.md");
        string page = MatrixPage.Write(Rows);
        if (Environment.GetEnvironmentVariable("WATCHWORD_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        File.ReadAllText(file).ReplaceLineEndings("\n").ShouldBe(
            page, "run the tests of this class once with WATCHWORD_UPDATE_DOCS=1 and look at the difference");
    }

    [Fact]
    public void The_state_that_is_compared_has_what_wrong_requests_must_not_touch()
    {
        lab.Kms.Tables.ShouldContain("Issuance");
        foreach (string table in (string[])[
            "mcx_bindings", "xcap_documents", "xcap_changes", "subscriptions", "groups", "group_keys", "group_users"])
        {
            lab.Services.Tables.ShouldContain(table);
        }
    }

    /// <summary>
    /// The audit log of the KMS grows by the one refusal of a requester or a peer that is known, and by nothing else
    /// (docs/errors/kms.md).
    /// </summary>
    private IEnumerable<string> AuditFaults(MatrixRow row, long before, Seen? seen)
    {
        AuditLine[] expected = row is KmsRow && KmsRow.RecordedCode(seen?.Text) is { } code
            ? [new AuditLine((int)AuditKind.Denied, seen!.CorrelationId!, code)]
            : [];
        AuditLine[] written = [.. lab.Kms.AuditAfter(before).Where(line => line.Kind != (int)AuditKind.Checkpoint)];
        return written.SequenceEqual(expected) ? [] : [$"the audit log has [{List(written)}], not [{List(expected)}]"];

        static string List(AuditLine[] lines) => string.Join("; ", lines.AsEnumerable());
    }
}

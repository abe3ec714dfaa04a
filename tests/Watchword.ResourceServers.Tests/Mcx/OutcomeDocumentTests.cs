using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.ResourceServers.Mcx.Signalling;
using Watchword.Testing;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>docs/errors/mcx.md has every outcome, with the number, status and warning that the code has.</summary>
public sealed class OutcomeDocumentTests
{
    [Fact]
    public void Every_outcome_is_explained_as_it_is()
    {
        string[][] rows = [.. File.ReadLines(RepositoryRoot.PathOf("docs", "errors", "mcx.md"))
            .Where(line => line.StartsWith("| 7", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))];

        rows.Select(row => (row[1], row[2].Trim('`'), row[3], row[4])).ShouldBe(
            Enum.GetValues<ServiceOutcome>().Select(outcome => (
            $"{(int)outcome}", $"{outcome}", $"{ServiceResponses.StatusOf(outcome)}", ServiceResponses.WarningOf(outcome)?[..3]
                ?? "")));
        rows.ShouldAllBe(row => row.Length == 9 && row[5].Length > 0 && row[6].Length > 0 && row[7].Length > 0);
    }
}

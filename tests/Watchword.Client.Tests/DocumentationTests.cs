using System.Text.RegularExpressions;

namespace Watchword.Client.Tests;

/// <summary>The page of errors says what the client says.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_each_fault_as_it_is_described()
    {
        string[] documented = [.. Row().Matches(File.ReadAllText(RepositoryRoot.PathOf("docs", "errors", "client.md"))).Select(row => row.Value.TrimEnd())];

        documented.ShouldBe(Enum.GetValues<ClientFault>().Select(fault =>
        {
            ClientFaultDescription text = ClientFaults.Describe(fault);
            return $"| {(int)fault} | `{fault}` | {text.Message} | {text.Clause} | {text.NextStep} |";
        }));
    }

    [GeneratedRegex(@"^\| \d{4} \|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}

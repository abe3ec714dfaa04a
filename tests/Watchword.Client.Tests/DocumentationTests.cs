using System.Text.RegularExpressions;

namespace Watchword.Client.Tests;

/// <summary>The page of errors says what the client says.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_of_errors_has_each_fault_as_it_is_described()
    {
        string[] documented = [.. Row().Matches(File.ReadAllText(Page("errors/client.md"))).Select(row => row.Value.TrimEnd())];

        documented.ShouldBe(Enum.GetValues<ClientFault>().Select(fault =>
        {
            ClientFaultDescription text = ClientFaults.Describe(fault);
            return $"| {(int)fault} | `{fault}` | {text.Message} | {text.Clause} | {text.NextStep} |";
        }));
    }

    private static string Page(string name)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Watchword.slnx")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory.ShouldNotBeNull().FullName, "docs", name);
    }

    [GeneratedRegex(@"^\| \d{4} \|.*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}

using Watchword.SystemTests.Repository;

namespace Watchword.SystemTests;

/// <summary>The sample for vendors, as it stands in the repository, against a lab.</summary>
public sealed class SampleTests(LabFixture lab)
{
    private const string Name = "Watchword.Samples.GroupKeys";

    [Fact]
    public async Task The_sample_keys_two_users_and_a_group()
    {
        string program = Path.Combine(RepositoryFiles.Root, "samples", Name, "bin", RepositoryFiles.Configuration, "net10.0", Name + ".dll");

        string output = await ChildProcess.DotnetAsync(lab.Directories.Root, program, Path.Combine(lab.Directories.Root, "lab.json"));

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(3);
        lines[0].ShouldMatch("^private call 1[0-9A-F]{7} from sip:dispatcher");
        string Gmk(string line) => line.Split("GMK ")[1][..8];
        string Guk(string line) => line.Split("GUK ")[1][..8];
        Gmk(lines[1]).ShouldBe(Gmk(lines[2]));
        Guk(lines[1]).ShouldNotBe(Guk(lines[2]));
    }

    [Fact]
    public void The_sample_has_less_than_60_lines() =>
        File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "samples", Name, "Program.cs")).Length.ShouldBeLessThan(60);
}

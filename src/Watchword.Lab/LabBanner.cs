namespace Watchword.Lab;

/// <summary>What the lab tells a person before and after the walk.</summary>
internal sealed class LabBanner(TextWriter output, LabDescription lab, LabDirectories directories)
{
    public void Welcome(bool isNew)
    {
        output.WriteLine("Watchword lab. THIS IS A LAB: its passwords, keys and certificates are for trying things out, never for production.");
        output.WriteLine($"IdM server {lab.Idm}, KMS {lab.Kms} (admin API {lab.KmsAdmin}), {(isNew ? "new domain" : "domain of an earlier start")} in {directories.Root}");
    }

    public void StayingUp(bool held)
    {
        output.WriteLine(held ? "The lab stays up; Ctrl-C stops it." : "The lab stays up for a look; Ctrl-C stops it.");
        output.WriteLine($"Accounts, passwords and URLs are in {directories.Description}");
        output.WriteLine();
        output.WriteLine("From another terminal, in the same directory:");
        output.WriteLine();
        output.WriteLine("  alias watchword='dotnet run --project src/Watchword.Cli --'");
        foreach (string line in LabCommands.For(lab, ShortPath(directories.Root)).Concat(LabCommands.ForUe(lab, ShortPath(directories.Root))))
        {
            output.WriteLine("  " + line);
        }
    }

    /// <summary>The path as the person would type it: relative where the data lies below the working directory.</summary>
    private static string ShortPath(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}

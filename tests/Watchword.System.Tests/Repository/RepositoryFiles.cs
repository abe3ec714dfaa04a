namespace Watchword.SystemTests.Repository;

/// <summary>Reads the files of the repository that this test was built in.</summary>
internal static class RepositoryFiles
{
    public static string Root => RepositoryRoot.Folder;

    /// <summary>The configuration that this test, and with it everything else, was built in.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Read(params string[] parts) => File.ReadAllText(Path.Combine([Root, .. parts]));

    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}

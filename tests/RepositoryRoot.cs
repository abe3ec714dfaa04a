namespace Watchword.Testing;

/// <summary>
/// Where the repository is that these tests were built in; linked into every test project. Found from where the tests run and not
/// from the path of a source file, which a build of continuous integration maps to <c>/_/</c>.
/// </summary>
internal static class RepositoryRoot
{
    public static string Folder { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    private static string Find()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Watchword.slnx")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests do not run below the repository");
    }
}

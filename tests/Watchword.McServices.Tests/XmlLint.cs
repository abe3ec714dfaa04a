using System.ComponentModel;
using System.Diagnostics;

namespace Watchword.McServices.Tests;

/// <summary>The <c>xmllint</c> command, another implementation of XML Schema, on documents of a directory of their own.</summary>
internal static class XmlLint
{
    /// <summary>
    /// Checks documents against a schema of <c>docs/schemas/mc-services</c>; gives the exit code and what it printed.
    /// </summary>
    public static async Task<(int ExitCode, string Output)> Check(string schema, params IReadOnlyList<byte[]> documents)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("watchword-xmllint-");
        try
        {
            ProcessStartInfo start = new("xmllint") { RedirectStandardError = true, RedirectStandardOutput = true };
            start.ArgumentList.Add("--noout");
            start.ArgumentList.Add("--nonet");
            start.ArgumentList.Add("--schema");
            start.ArgumentList.Add(RepositoryRoot.PathOf("docs", "schemas", "mc-services", schema));
            for (int i = 0; i < documents.Count; i++)
            {
                string file = Path.Combine(directory.FullName, $"{i}.xml");
                await File.WriteAllBytesAsync(file, documents[i], TestContext.Current.CancellationToken);
                start.ArgumentList.Add(file);
            }

            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException(
                "xmllint is not installed: it comes with the Debian package libxml2-utils (./test.sh installs it).");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}

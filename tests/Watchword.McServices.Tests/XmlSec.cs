using System.ComponentModel;
using System.Diagnostics;

namespace Watchword.McServices.Tests;

/// <summary>
/// The <c>xmlsec1</c> command, another implementation of XML-Signature and XML-Encryption, in a directory of its own.
/// </summary>
internal sealed class XmlSec : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("watchword-xmlsec-");

    public void Dispose() => _directory.Delete(recursive: true);

    public string FileOf(string name, byte[] content)
    {
        string file = Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    /// <summary>Runs it on a document; gives its exit code, what it printed, and the document that it wrote.</summary>
    public async Task<(int ExitCode, string Output, byte[] Document)> Run(string verb, byte[] document, params string[] options)
    {
        string input = FileOf("input.xml", document), output = Path.Combine(_directory.FullName, "output.xml");
        File.Delete(output);
        ProcessStartInfo start = new("xmlsec1") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[verb, .. options, "--output", output, input])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process process = Process.Start(start)!;
            Task<string> printed = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            byte[] written = File.Exists(output)
                ? await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken) : [];
            return (process.ExitCode, await printed + await errors, written);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException(
                "xmlsec1 is not installed: it comes with the Debian package xmlsec1 (./test.sh installs it).");
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Watchword.KeyManagement.Tests;

/// <summary>The <c>xmlsec1</c> command, another implementation of XML-Signature and XML-Encryption, in a directory of its own.</summary>
internal sealed class XmlSec : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("watchword-xmlsec-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>The option that gives a key by its name, such as <c>--hmackey:NAME FILE</c>.</summary>
    public string[] KeyOption(string kind, SecurityExtensionKey key)
    {
        byte[] octets = new byte[SecurityExtensionKey.SizeInBytes];
        key.Export(octets);
        string file = Path.Combine(_directory.FullName, key.Id);
        File.WriteAllBytes(file, octets);
        return [$"--{kind}:{key.Id}", file];
    }

    public async Task<(int ExitCode, string Output, string Document)> Run(string verb, string document, params string[] options)
    {
        string input = Path.Combine(_directory.FullName, "input.xml"), output = Path.Combine(_directory.FullName, "output.xml");
        await File.WriteAllTextAsync(input, document, new UTF8Encoding(false), TestContext.Current.CancellationToken);
        File.Delete(output);
        ProcessStartInfo start = new("xmlsec1") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(verb);
        foreach (string name in new[] { "KmsRequest", "KmsResponse" })
        {
            start.ArgumentList.Add("--id-attr:Id");
            start.ArgumentList.Add($"{TestDomain.Namespace}:{name}");
        }

        foreach (string option in options)
        {
            start.ArgumentList.Add(option);
        }

        start.ArgumentList.Add("--output");
        start.ArgumentList.Add(output);
        start.ArgumentList.Add(input);
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> printed = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            string written = File.Exists(output) ? await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken) : "";
            return (process.ExitCode, await printed + await errors, written);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("xmlsec1 is not installed: it comes with the Debian package xmlsec1 (./test.sh installs it).");
        }
    }
}

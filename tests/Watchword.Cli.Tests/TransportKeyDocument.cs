using Watchword.KeyManagement;

namespace Watchword.Cli.Tests;

/// <summary>A document with transport keys as the operator of the KMS hands one out. The keys are always the same, and so are their words.</summary>
internal static class TransportKeyDocument
{
    public static async Task WriteAsync(string path, string form, string userUri)
    {
        byte[] transportKey = [.. Enumerable.Range(0, SecurityExtensionKey.SizeInBytes).Select(i => (byte)i)];
        byte[] integrityKey = [.. transportKey.Reverse()];
        using TransportKeyFile document = new(
            Domain.KmsUri, "https://kms.example.org", userUri, "handset-7",
            TransportKey.Import("tk.12.alice@example.org", transportKey), IntegrityKey.Import("ink.12.alice@example.org", integrityKey),
            new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using SecretText text = form switch
        {
            "file" => document.ExportFile(),
            "text" => document.ExportCompact(),
            "sheet" => document.ExportSheet(),
            _ => throw new InvalidOperationException($"there is no form `{form}`"),
        };
        await File.WriteAllBytesAsync(path, text.Utf8.ToArray(), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

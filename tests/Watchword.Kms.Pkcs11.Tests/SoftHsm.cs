using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Watchword.Kms.Pkcs11.Tests;

[assembly: AssemblyFixture(typeof(SoftHsm))]

namespace Watchword.Kms.Pkcs11.Tests;

/// <summary>
/// A SoftHSM of this test process with a number of fresh tokens, since it sees only those that exist when it is initialised. It
/// is told where they are by its environment, which is the process's own.
/// </summary>
public sealed partial class SoftHsm : IDisposable
{
    public const string Pin = "271828";

    private const int Tokens = 24;

    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-softhsm-").FullName;
    private int _taken;

    public SoftHsm()
    {
        string configuration = Path.Combine(_directory, "softhsm2.conf");
        Directory.CreateDirectory(Path.Combine(_directory, "tokens"));
        File.WriteAllText(
            configuration, $"directories.tokendir = {_directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");

        // Not Environment.SetEnvironmentVariable: native code does not see what .NET changes.
        SetEnvironment("SOFTHSM2_CONF", configuration, 1).ShouldBe(0);
        for (int i = 0; i < Tokens; i++)
        {
            using Process process = Process.Start(new ProcessStartInfo("softhsm2-util")
            {
                ArgumentList = { "--init-token", "--free", "--label", LabelOf(i), "--so-pin", "31415926", "--pin", Pin },
                Environment = { ["SOFTHSM2_CONF"] = configuration },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            process.ExitCode.ShouldBe(0);
        }
    }

    public static string Library { get; } = new[]
    {
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so",
    }.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("SoftHSM is not installed (Debian: softhsm2).");

    /// <summary>The label of a token that no other test uses.</summary>
    public string TakeToken() => LabelOf(Interlocked.Increment(ref _taken) - 1);

    public TokenKeyOptions Take(TokenMechanism mechanism = default) => new()
    {
        Library = Library,
        TokenLabel = TakeToken(),
        KeyLabel = "watchword-kek",
        Mechanism = mechanism,
        Pin = new FixedPin(Pin),
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string LabelOf(int index) => string.Create(CultureInfo.InvariantCulture, $"watchword-{index}");

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}

/// <summary>A PIN that counts how often it was asked for.</summary>
public sealed class FixedPin(string pin) : IUnlockSource
{
    public int Asked { get; private set; }

    public Task<CustodySecret> OpenAsync(CancellationToken cancellationToken = default)
    {
        Asked++;
        return Task.FromResult(new CustodySecret(System.Text.Encoding.UTF8.GetBytes(pin)));
    }
}

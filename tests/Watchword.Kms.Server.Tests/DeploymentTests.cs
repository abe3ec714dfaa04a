using System.Text;
using Microsoft.Extensions.Configuration;
using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>What lies in <c>deploy/</c>: systemd takes the units, they are as closed as they claim, and no example starts as it
/// is.</summary>
public sealed class DeploymentTests
{
    /// <summary>Exposure of a unit as systemd reckons it, times ten: 100 is open to everything.</summary>
    private const string MostExposure = "15";

    private static readonly string[] Hardening =
    [
        "Type=notify", "NoNewPrivileges=true", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=true",
        "PrivateTmp=true",
        "PrivateDevices=true", "ProtectKernelTunables=true", "ProtectKernelModules=true", "ProtectKernelLogs=true",
        "ProtectControlGroups=true", "ProtectClock=true", "ProtectHostname=true", "ProtectProc=invisible",
        "RestrictNamespaces=true",
        "RestrictRealtime=true", "RestrictSUIDSGID=true", "LockPersonality=true", "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "LimitCORE=0", "MemorySwapMax=0",
        "StateDirectoryMode=0700", "UMask=0077", "Environment=DOTNET_EnableDiagnostics=0", "KeyringMode=private",
    ];

    private static string Deploy { get; } = Path.Combine(AppContext.BaseDirectory, "deploy");

    [Theory]
    [InlineData("watchword-kms.service", "kms", "Watchword.Kms.Server")]
    [InlineData("watchword-idm.service", "idm", "Watchword.Idm.Server")]
    public async Task A_unit_is_accepted_by_systemd_and_closed(string unit, string folder, string executable)
    {
        string text = await File.ReadAllTextAsync(
            Path.Combine(Deploy, "systemd", unit), TestContext.Current.CancellationToken);
        string[] lines = text.Split('\n');
        foreach (string line in Hardening)
        {
            lines.ShouldContain(line);
        }

        lines.ShouldContain(line => line.StartsWith("LoadCredential=kek:", StringComparison.Ordinal));
        lines.ShouldContain($"ExecStartPre=/opt/watchword/{folder}/{executable} check-config");

        // systemd looks for the executables: here they are where no installation is.
        string directory = Directory.CreateTempSubdirectory("watchword-unit-").FullName;
        try
        {
            string program = Path.Combine(directory, executable);
            await File.WriteAllTextAsync(program, "#!/bin/sh\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string copy = Path.Combine(directory, unit);
            await File.WriteAllTextAsync(
                copy, text.Replace($"/opt/watchword/{folder}", directory, StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
            (int verified, byte[] said, string errors) = await Tool.RunAsync("systemd-analyze", "verify", copy);
            verified.ShouldBe(0, Encoding.UTF8.GetString(said) + errors);
            // The tool names the user of the unit where this machine does not have him; nothing else may be said.
            errors.ShouldNotContain("Unknown key");
            (int exposed, byte[] table, _) = await Tool.RunAsync(
                "systemd-analyze", "security", "--no-pager", "--offline=true", $"--threshold={MostExposure}", copy);
            exposed.ShouldBe(0, Encoding.UTF8.GetString(table));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_example_starts_only_when_every_placeholder_is_replaced()
    {
        IConfigurationRoot example = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Deploy, "config", "kms.appsettings.json")).Build();
        string[] placeholders = [.. example.AsEnumerable()
            .Where(entry => entry.Value?.Contains(OptionsReader.Placeholder, StringComparison.Ordinal) is true)
            .Select(entry => entry.Key)];
        placeholders.Length.ShouldBeGreaterThan(7);
        ConfigurationFaults found = await ConfigurationCheck.FindAsync(example, ports: false, TimeProvider.System);
        string[] refused = [.. found.Found.Where(fault => fault.Problem.Contains("placeholder", StringComparison.Ordinal))
            .Select(fault => fault.Option)];
        refused.ShouldBe(placeholders, ignoreOrder: true);
        found.Found.ShouldNotContain(fault => fault.Problem.Contains("no option", StringComparison.Ordinal)
            || fault.Problem.Contains("no section", StringComparison.Ordinal));
    }
}

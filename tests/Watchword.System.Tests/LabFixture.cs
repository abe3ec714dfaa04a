using Watchword.Lab;

[assembly: AssemblyFixture(typeof(Watchword.SystemTests.LabFixture))]

namespace Watchword.SystemTests;

/// <summary>One lab for the tests of this assembly that only use it: its servers run on loopback on free ports, its data in a temporary directory.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private LabServers? _servers;
    private LabDescription? _description;
    private LabDirectories? _directories;

    internal LabDescription Description => _description!;

    internal LabDirectories Directories => _directories!;

    internal LabServers Servers => _servers!;

    public async ValueTask InitializeAsync()
    {
        _directories = new LabDirectories(TemporaryDirectory.Create());
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(_directories.Root, TimeProvider.System);
        LabPorts ports = LabPorts.FindFree();
        _description = await new LabSetup(_directories, ca, TimeProvider.System).PrepareAsync(ports, before: null, CancellationToken.None);
        _servers = await LabServers.StartAsync(_directories, ports, ca, TimeProvider.System, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }

        if (_directories is not null)
        {
            Directory.Delete(_directories.Root, recursive: true);
        }
    }
}

internal static class TemporaryDirectory
{
    public static string Create() => Directory.CreateTempSubdirectory("watchword-system-").FullName;
}

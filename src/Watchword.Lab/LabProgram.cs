using System.Globalization;
using Watchword.Lab.Walk;

namespace Watchword.Lab;

/// <summary>Starts the lab, walks the main job, and stays up until it is told to stop.</summary>
internal sealed class LabProgram(LabOptions options, TextWriter output)
{
    private readonly LabDirectories _directories = new(options.Directory);

    /// <summary>Runs to the end; 0 if every step held.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        LabFiles.CreateDirectory(_directories.Root);
        using FileStream held = TakeLock();
        LabDescription? before = LabDescription.Read(_directories.Description);
        if (before is { Lab: false })
        {
            throw new LabException($"{_directories.Description} does not describe a lab");
        }

        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(_directories.Root, TimeProvider.System);
        LabPorts ports = ChoosePorts(before);
        LabDescription lab = await new LabSetup(_directories, ca, TimeProvider.System).PrepareAsync(ports, before, cancellation);
        LabSite site = LabSite.Home(_directories, ports, ca, TimeProvider.System);
        await using RunningLab running = await RunningLab.StartAsync(site, lab, cancellation);
        LabBanner banner = new(output, lab, _directories);
        if (!options.Json)
        {
            banner.Welcome(isNew: before is null);
        }

        bool walked = await WalkAsync(running, ca, cancellation);
        if (options.Once)
        {
            return walked ? 0 : 1;
        }

        // After the walk, which writes and takes back documents of its own.
        using (LabProvisioning provisioning = new(running.Home.Servers, running.Home.Services))
        {
            await provisioning.WriteAsync(lab, cancellation);
        }

        if (!options.Json)
        {
            banner.StayingUp(walked);
        }

        await WaitAsync(cancellation);
        return 0;
    }

    private async Task<bool> WalkAsync(RunningLab running, LabCertificateAuthority ca, CancellationToken cancellation)
    {
        KeyMessageCapture? capture = options.Capture is null ? null : new KeyMessageCapture(TimeProvider.System);
        WalkRunner runner = new(options.Json ? new QuietWalkListener() : new PlainWalkWriter(output), capture);
        // Beside the lab's data, so that key files get the same file system and its modes. The name never comes again: pooled
        // connections to a database that is gone would be taken for those of a new one at the same path.
        string scratch = LabFiles.CreateDirectory(_directories.Root, $"walk-{Guid.NewGuid():N}");
        try
        {
            await new MainWalk(runner, running, scratch).RunAsync(cancellation);
            await new MovedClockWalk(runner, _directories, running.Home.Description, ca, scratch).RunAsync(cancellation);
            await new StateWalk(runner, running).RunAsync(cancellation);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        if (capture is not null)
        {
            await File.WriteAllBytesAsync(options.Capture!, capture.ToPcap(), cancellation);
        }

        if (options.Json)
        {
            await output.WriteLineAsync(new WalkReport(true, runner.Held, runner.Steps).ToJson());
        }
        else
        {
            await output.WriteLineAsync(runner.Held ? $"\nEvery step held ({runner.Steps.Count})." : "\nThe walk did not hold.");
        }

        return runner.Held;
    }

    private FileStream TakeLock()
    {
        try
        {
            return new FileStream(_directories.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new LabException($"another lab runs on {_directories.Root}: stop it, or choose another --data");
        }
    }

    /// <summary>
    /// A lab keeps its ports: its IdM server's URL is the name of an issuer, and the KMS gives an identity's key to nobody else in the
    /// same key period, not even to a user of the same name at an issuer of another name.
    /// </summary>
    private LabPorts ChoosePorts(LabDescription? before)
    {
        if (before is null)
        {
            return options.Port switch
            {
                null => LabPorts.Usual(),
                0 => LabPorts.FindFree(),
                int chosen => LabPorts.Fixed(chosen),
            };
        }

        int kept = new Uri(before.Idm).Port;
        return options.Port is not (null or 0) && options.Port != kept
            ? throw new LabException(string.Create(
                CultureInfo.InvariantCulture,
                $"this lab's IdM server is {before.Idm}, and its keys belong to users of that issuer: use --port {kept}, or choose another --data"))
            : LabPorts.Fixed(kept);
    }

    private static async Task WaitAsync(CancellationToken cancellation)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellation.Register(stopped.SetResult);
        await stopped.Task;
    }
}

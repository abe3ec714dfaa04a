namespace Watchword.Lab.Walk;

/// <summary>The steps that need another time or break something: in a throw-away copy of the domain, under a clock of its own.</summary>
internal sealed class MovedClockWalk(WalkRunner runner, LabDirectories original, LabDescription lab, LabCertificateAuthority ca, string scratch)
{
    private readonly MovableClock _clock = new();

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!runner.Held)
        {
            return;
        }

        LabDirectories copy = new(Path.Combine(scratch, "copy"));
        LabFiles.CreateDirectory(copy.Root);
        LabFiles.CopyServerData(original.Idm, copy.Idm);
        LabFiles.CopyServerData(original.Kms, copy.Kms);
        LabFiles.CopyServerData(original.Keys, copy.Keys);
        string profiles = LabFiles.CreateDirectory(scratch, "moved");
        await using LabServers servers = await LabServers.StartAsync(copy, LabPorts.FindFree(), ca, _clock, cancellation);
        using WalkProfile dispatcher = await WalkProfile.CreateAsync(LabDomain.Dispatcher, profiles, servers, _clock, cancellation: cancellation);
        using WalkProfile leaver = await WalkProfile.CreateAsync(LabDomain.Leaver, profiles, servers, _clock, cancellation: cancellation);
        MovedLab moved = new(servers, lab, _clock);
        LeaverWalk leaving = new(runner, moved);
        await leaving.WorksAsync(leaver, cancellation);
        await new RolloverWalk(runner, moved).RunAsync(dispatcher, cancellation);
        await leaving.LeaveAsync(leaver, cancellation);
    }
}

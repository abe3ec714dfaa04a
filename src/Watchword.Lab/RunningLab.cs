using Watchword.Client;

namespace Watchword.Lab;

/// <summary>Both domains of the lab, running.</summary>
internal sealed record RunningLab(RunningDomain Home, RunningDomain Allied) : IAsyncDisposable
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);

    /// <summary>Starts both side by side, on data that exists.</summary>
    public static async Task<RunningLab> StartAsync(LabSite home, LabDescription lab, CancellationToken cancellation)
    {
        LabSite allied = LabSite.Allied(home);
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<RunningDomain>[] starts =
        [
            Task.Run(() => RunningDomain.StartAsync(home, lab, cancellation), CancellationToken.None),
            Task.Run(
                async () =>
                {
                    await HandOverSigningKeysAsync(home, allied, failed.Token);
                    return await RunningDomain.StartAsync(allied, lab.Allied!, cancellation);
                },
                CancellationToken.None),
        ];
        try
        {
            // Without the home domain there is nothing that the other one could wait for.
            RunningDomain first = await starts[0];
            return new RunningLab(first, await starts[1]);
        }
        catch
        {
            await failed.CancelAsync();
            foreach (Task<RunningDomain> start in starts)
            {
                await start.ContinueWith(_ => { }, TaskScheduler.Default);
                if (start.IsCompletedSuccessfully)
                {
                    await (await start).DisposeAsync();
                }
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Allied.DisposeAsync();
        await Home.DisposeAsync();
    }

    /// <summary>
    /// The public keys of the IdM server of the home domain, in a file of the other one, as operators hand them over out of band
    /// (TS 33.180 5.1.4): at each start, because keys change.
    /// </summary>
    private static async Task HandOverSigningKeysAsync(LabSite primary, LabSite partner, CancellationToken cancellation)
    {
        using TlsTrust trust = TlsTrust.FromCaFile(primary.Ca.CaFile);
        using HttpClient http = new(trust.CreateHandler());
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                byte[] keys = await http.GetByteArrayAsync(new Uri(primary.Ports.IdmUrl + "/.well-known/jwks"), cancellation);
                await File.WriteAllBytesAsync(partner.Directories.PrimaryKeys(primary.Names.Name), keys, cancellation);
                return;
            }
            catch (HttpRequestException) when (TimeProvider.System.GetElapsedTime(started) < _longestWait)
            {
                // It starts at the same time.
                _ = await timer.WaitForNextTickAsync(cancellation);
            }
        }
    }
}

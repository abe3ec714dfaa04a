using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using Watchword.KeyManagement;

namespace Watchword.Kms.Load;

/// <summary>Asks for key sets, every time as another user, and keeps how long each answer took.</summary>
internal sealed class Provisioner(HttpClient client, TokenSigner signer)
{
    private readonly ConcurrentQueue<double> _latencies = new();
    private long _users;
    private long _failures;

    /// <summary>Answers since the last call, in milliseconds; empties the list.</summary>
    public double[] TakeLatencies()
    {
        List<double> taken = [];
        while (_latencies.TryDequeue(out double latency))
        {
            taken.Add(latency);
        }

        return [.. taken.Order()];
    }

    /// <summary>Answers that were no key sets.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>As many askers as there are connections, each asking again when it has its answer, until the time ends.</summary>
    public async Task RunClosedAsync(int askers, TimeSpan time, long most = long.MaxValue)
    {
        long start = Stopwatch.GetTimestamp();
        long asked = 0;
        await Task.WhenAll(Enumerable.Range(0, askers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time && Interlocked.Increment(ref asked) <= most)
            {
                await AskAsync(Stopwatch.GetTimestamp());
            }
        })));
    }

    /// <summary>Asks at a steady rate whether or not answers have come; the latency counts from when it should have been asked.</summary>
    public async Task RunOpenAsync(double perSecond, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        List<Task> running = [];
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
        long asked = 0;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            long due = (long)(elapsed.TotalSeconds * perSecond);
            for (; asked < due; asked++)
            {
                long planned = start + (long)(asked / perSecond * Stopwatch.Frequency);
                running.Add(Task.Run(() => AskAsync(planned)));
            }

            running.RemoveAll(task => task.IsCompleted);
            await timer.WaitForNextTickAsync();
        }

        await Task.WhenAll(running);
    }

    private async Task AskAsync(long begin)
    {
        string token = signer.Sign(Interlocked.Increment(ref _users), TimeProvider.System.GetUtcNow());
        using HttpRequestMessage request = new(HttpMethod.Post, AnnexDPaths.KeyProv());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead);
            if (!response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _failures);
                return;
            }
        }
        catch (HttpRequestException)
        {
            Interlocked.Increment(ref _failures);
            return;
        }

        _latencies.Enqueue(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
    }
}

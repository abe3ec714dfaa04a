using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Watchword.Sip;

namespace Watchword.Services.Load;

/// <summary>
/// Authorises many users by SIP over TCP at a steady rate at a fresh MCX server, with its memory on the way; with <c>--kill</c>
/// the server is killed and started again in the middle. Afterwards every client uses its authorisation: what is lost is counted.
/// </summary>
internal sealed class LoadCommand : RootCommand
{
    private const double High = 0.99;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Option<int> _count = new("--count") { Description = "authorisations", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _rate = new("--rate")
    {
        Description = "authorisations each second",
        DefaultValueFactory = _ => 100,
    };

    private readonly Option<bool> _kill = new("--kill") { Description = "kill the server in the middle and start it again" };

    public LoadCommand()
        : base("load on a running MCX server")
    {
        Add(_count);
        Add(_rate);
        Add(_kill);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string directory = Directory.CreateTempSubdirectory("watchword-services-load-").FullName;
        try
        {
            using TokenSigner signer = new();
            using LoadedServer server = await LoadedServer.StartAsync(directory, signer);
            await using Clients clients = new(signer, new SipDestination(SipTransport.Tcp, "127.0.0.1", server.Port));
            return await MeasureAsync(
                server, clients, parse.GetValue(_count), parse.GetValue(_rate), parse.GetValue(_kill), cancellationToken);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(
        LoadedServer server, Clients clients, int count, int rate, bool kills, CancellationToken cancellationToken)
    {
        List<double> memory = [];
        Task<TimeSpan?>[] authorized = new Task<TimeSpan?>[count];
        Task restart = Task.CompletedTask;
        long start = Stopwatch.GetTimestamp();
        for (int user = 0; user < count; user++)
        {
            TimeSpan early = TimeSpan.FromSeconds((double)user / rate) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, cancellationToken);
            }

            if (kills && user == count / 2)
            {
                restart = server.KillAndRestartAsync();
            }
            else if (user % Math.Max(count / 10, 1) == 0 && restart.IsCompleted)
            {
                memory.Add(server.Memory);
            }

            authorized[user] = clients.AuthorizeAsync(user);
        }

        TimeSpan?[] times = await Task.WhenAll(authorized);
        await restart;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        memory.Add(server.Memory);
        int used = await UseAllAsync(clients, count);
        double[] sorted = [.. times.OfType<TimeSpan>().Select(time => time.TotalMilliseconds).Order()];
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new
            {
                count,
                rate,
                killed = kills,
                authorized = sorted.Length,
                lost = count - used,
                repeated = clients.Repeated,
                seconds = Math.Round(seconds, 1),
                medianMilliseconds = Percentile(sorted, 0.5),
                p99Milliseconds = Percentile(sorted, High),
                memoryMiB = memory.Select(value => Math.Round(value)).ToArray(),
            },
            Indented));
        return used == count ? 0 : 1;
    }

    /// <summary>How many clients are authorised, by settings that only they may publish.</summary>
    private static async Task<int> UseAllAsync(Clients clients, int count)
    {
        const int AtOnce = 32;
        int used = 0;
        for (int user = 0; user < count; user += AtOnce)
        {
            TimeSpan?[] times = await Task.WhenAll(
                Enumerable.Range(user, Math.Min(AtOnce, count - user)).Select(clients.UseAsync));
            used += times.Count(time => time is not null);
        }

        return used;
    }

    private static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : Math.Round(sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)], 1);
}

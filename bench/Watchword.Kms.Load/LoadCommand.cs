using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;

namespace Watchword.Kms.Load;

/// <summary>
/// Loads a fresh KMS: as fast as it goes, then at 60 % of that rate, and says the rate, the processor time of each process per
/// answer against that of the cryptography alone, latencies and memory.
/// </summary>
internal sealed class LoadCommand : RootCommand
{
    private const double SteadyShare = 0.6;
    private const double PercentileOfGoal = 0.99;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Option<bool> _postgreSql = new("--postgresql") { Description = "on a PostgreSQL started for it; else SQLite" };
    private readonly Option<int> _connections = new("--connections") { Description = "kept TLS connections", DefaultValueFactory = _ => 128 };
    private readonly Option<int> _seconds = new("--seconds") { Description = "seconds of each part", DefaultValueFactory = _ => 20 };
    private readonly Option<int> _warmUp = new("--warm-up")
    {
        Description = "seconds of full load before: the server compiles its hot paths meanwhile",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<long> _provisionings = new("--provisionings")
    {
        Description = "instead: this many answers, with memory on the way",
    };


    private readonly Option<int> _prepare = new("--prepare")
    {
        Description = "instead: prepare the keys of this many identities ahead, in this process",
    };

    private readonly Option<double> _share = new("--processor-share")
    {
        Description = "with --prepare: the share of the processors it takes",
        DefaultValueFactory = _ => 1,
    };

    public LoadCommand()
        : base("load on a running KMS")
    {
        Add(_postgreSql);
        Add(_connections);
        Add(_seconds);
        Add(_warmUp);
        Add(_provisionings);
        Add(_prepare);
        Add(_share);
        SetAction(RunAsync);
    }

    private async Task RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string directory = Directory.CreateTempSubdirectory("watchword-load-").FullName;
        if (parse.GetValue(_prepare) is var identities and > 0)
        {
            using (PostgreSqlCluster? prepared = parse.GetValue(_postgreSql) ? PostgreSqlCluster.Start(directory) : null)
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
                    await PreparationMeasurement.RunAsync(
                        directory, prepared, identities, parse.GetValue(_share), cancellationToken),
                    Indented));
            }

            Directory.Delete(directory, recursive: true);
            return;
        }

        CryptographyAlone cryptography = CryptographyAlone.Measure();
        using (PostgreSqlCluster? cluster = parse.GetValue(_postgreSql) ? PostgreSqlCluster.Start(directory) : null)
        using (TokenSigner signer = new())
        using (LoadedServer server = await LoadedServer.StartAsync(directory, signer, cluster?.ConnectionString))
        using (HttpClient client = server.CreateClient(parse.GetValue(_connections)))
        {
            Provisioner provisioner = new(client, signer);
            await provisioner.RunClosedAsync(parse.GetValue(_connections), TimeSpan.FromSeconds(parse.GetValue(_warmUp)));
            provisioner.TakeLatencies();
            object result = parse.GetValue(_provisionings) is var most and > 0
                ? await MeasureMemoryAsync(provisioner, server, parse.GetValue(_connections), most)
                : await MeasureRateAsync(parse, provisioner, server, cluster, cryptography);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, Indented));
        }

        Directory.Delete(directory, recursive: true);
    }

    private async Task<object> MeasureRateAsync(
        ParseResult parse, Provisioner provisioner, LoadedServer server, PostgreSqlCluster? cluster,
        CryptographyAlone cryptography)
    {
        TimeSpan time = TimeSpan.FromSeconds(parse.GetValue(_seconds));
        double Database() => cluster is null ? 0 : ProcessorTime.OfFamily(cluster.ProcessId);
        double own = ProcessorTime.Of(Environment.ProcessId);
        double serverBefore = ProcessorTime.Of(server.ProcessId);
        double databaseBefore = Database();
        long start = Stopwatch.GetTimestamp();
        await provisioner.RunClosedAsync(parse.GetValue(_connections), time);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] latencies = provisioner.TakeLatencies();
        double serverSeconds = ProcessorTime.Of(server.ProcessId) - serverBefore;
        double databaseSeconds = Database() - databaseBefore;
        double ownSeconds = ProcessorTime.Of(Environment.ProcessId) - own;

        double rate = latencies.Length / elapsed;
        await provisioner.RunOpenAsync(rate * SteadyShare, time);
        double[] steady = provisioner.TakeLatencies();
        double perAnswer = serverSeconds / latencies.Length;
        return new
        {
            Store = cluster is null ? "SQLite" : "PostgreSQL",
            AnswersPerSecond = Math.Round(rate, 1),
            KeySetsPerSecond = Math.Round(rate * TokenSigner.KeySetsPerAnswer, 1),
            Failures = provisioner.Failures,
            MicrosecondsPerAnswer = new
            {
                Server = Math.Round(perAnswer * 1e6),
                Issuing = Math.Round(cryptography.Issuing * 1e6),
                SelfCheck = Math.Round(cryptography.SelfCheck * 1e6),
                TokenSignature = Math.Round(cryptography.TokenSignature * 1e6),
                PostgreSql = Math.Round(databaseSeconds / latencies.Length * 1e6),
                Generator = Math.Round(ownSeconds / latencies.Length * 1e6),
            },
            ShareOfTheCryptographysRate = Math.Round(cryptography.Sum / perAnswer, 3),
            ShareOfTheRateOfIssuing = Math.Round(cryptography.Issuing / perAnswer, 3),
            FullLoadMilliseconds = Percentiles(latencies),
            SteadyAnswersPerSecond = Math.Round(rate * SteadyShare, 1),
            SteadyMilliseconds = Percentiles(steady),
            MemoryMiB = Math.Round(ProcessorTime.MemoryOf(server.ProcessId)),
        };
    }

    private static async Task<object> MeasureMemoryAsync(
        Provisioner provisioner, LoadedServer server, int connections, long provisionings)
    {
        const int Parts = 10;
        List<object> memory = [];
        for (int part = 1; part <= Parts; part++)
        {
            await provisioner.RunClosedAsync(connections, TimeSpan.MaxValue, provisionings / Parts);
            provisioner.TakeLatencies();
            memory.Add(new
            {
                Answers = provisionings / Parts * part, MiB = Math.Round(ProcessorTime.MemoryOf(server.ProcessId)),
            });
        }

        return new { provisioner.Failures, Memory = memory };
    }

    private static object Percentiles(double[] sorted)
    {
        double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[(int)((sorted.Length - 1) * share)], 1);
        return new { Median = At(0.5), P99 = At(PercentileOfGoal), Most = At(1) };
    }
}

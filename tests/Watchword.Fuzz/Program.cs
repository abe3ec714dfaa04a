using System.Globalization;
using SharpFuzz;
using Watchword.Fuzz;

// Readers of untrusted octets under mutation.
//
//   dotnet run --project tests/Watchword.Fuzz -- --target mikey --seconds 60 [--seed N]   own seeded loop over the corpus
//   dotnet run --project tests/Watchword.Fuzz -- --target mikey --replay FILE             one input, for a debugger
//   afl-fuzz -i tests/Watchword.Fuzz/corpus/mikey -o out -- Watchword.Fuzz --target mikey --fuzzer afl
//   Watchword.Fuzz --target mikey --fuzzer libfuzzer                                      under libfuzzer-dotnet
//
//   dotnet run --project tests/Watchword.Fuzz -- --target mikey-keys --seeds DIR           writes the corpus of that target anew
//
// For a fuzzer the assemblies under test are instrumented first with the sharpfuzz tool. --target all runs every target in the own
// loop. Exit code 0: no defect; 1: an input failed and is left in --artifacts (default artifacts/fuzz); 2: wrong arguments.
if (!Arguments.TryParse(args, out Arguments? arguments))
{
    Console.Error.WriteLine(
        $"usage: --target all|{string.Join('|', FuzzTargets.All.Select(t => t.Name))} "
        + "(--seconds N [--seed N] [--artifacts DIR] | --replay FILE | --seeds DIR | --fuzzer afl|libfuzzer)");
    return 2;
}

if (arguments.Seeds is not null)
{
    Directory.CreateDirectory(arguments.Seeds);
    foreach ((string name, byte[] octets) in ((KeyMessageTarget)arguments.Targets[0]).MakeSeeds())
    {
        File.WriteAllBytes(Path.Combine(arguments.Seeds, name), octets);
    }

    return 0;
}

if (arguments.Replay is not null)
{
    Console.WriteLine(arguments.Targets[0].Run(File.ReadAllBytes(arguments.Replay)));
    return 0;
}

switch (arguments.Fuzzer)
{
    case "afl":
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using MemoryStream input = new();
            stream.CopyTo(input);
            arguments.Targets[0].Run(input.ToArray());
        });
        return 0;
    case "libfuzzer":
        Fuzzer.LibFuzzer.Run(input => arguments.Targets[0].Run(input.ToArray()));
        return 0;
    default:
        string corpus = Path.Combine(AppContext.BaseDirectory, "corpus");
        return arguments.Targets.All(target => new Campaign(target, arguments.Seed, Console.Out)
            .Run(Path.Combine(corpus, target.Name), TimeSpan.FromSeconds(arguments.Seconds), arguments.Artifacts) > 0) ? 0 : 1;
}

/// <summary>The command line.</summary>
internal sealed record Arguments(
    IReadOnlyList<IFuzzTarget> Targets, int Seconds, ulong Seed, string? Replay, string? Fuzzer, string Artifacts, string? Seeds)
{
    public static bool TryParse(string[] args, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Arguments? arguments)
    {
        arguments = null;
        Dictionary<string, string> options = [];
        for (int i = 0; i + 1 < args.Length; i += 2)
        {
            options[args[i]] = args[i + 1];
        }

        string[] known = ["--target", "--seconds", "--seed", "--replay", "--fuzzer", "--artifacts", "--seeds"];
        string name = options.GetValueOrDefault("--target", "");
        List<IFuzzTarget> targets = [.. FuzzTargets.All.Where(t => name == "all" || t.Name == name)];
        string? replay = options.GetValueOrDefault("--replay");
        string? fuzzer = options.GetValueOrDefault("--fuzzer");
        string? seeds = options.GetValueOrDefault("--seeds");
        bool loops = replay is null && fuzzer is null && seeds is null;
        if (args.Length % 2 != 0
            || !options.Keys.All(known.Contains)
            || targets.Count == 0
            || (!loops && targets.Count > 1)
            || (seeds is not null && targets[0] is not KeyMessageTarget)
            || fuzzer is not (null or "afl" or "libfuzzer")
            || !int.TryParse(
                options.GetValueOrDefault("--seconds", loops ? "" : "1"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            || !ulong.TryParse(options.GetValueOrDefault("--seed", "1"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
        {
            return false;
        }

        string artifacts = options.GetValueOrDefault("--artifacts", Path.Combine("artifacts", "fuzz"));
        arguments = new Arguments(targets, seconds, seed, replay, fuzzer, artifacts, seeds);
        return true;
    }
}

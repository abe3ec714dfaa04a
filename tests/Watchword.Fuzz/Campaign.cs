using System.Diagnostics;
using System.Security.Cryptography;

namespace Watchword.Fuzz;

/// <summary>
/// Runs a target over its corpus and then over mutations of it for a time. Without a fuzzer's view of the branches taken, an input is
/// kept as a new seed when the target's word for it is new.
/// </summary>
internal sealed class Campaign(IFuzzTarget target, ulong seed, TextWriter output)
{
    private const int MaximumPool = 4096;

    // Far above any honest reading, so that a loaded machine does not fail a run: it finds what does not end.
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(5);

    private readonly List<byte[]> _pool = [];
    private readonly HashSet<string> _words = [];
    private long _executions;

    /// <summary>The number of inputs that were read, or -1 if one failed, which is then left as a file.</summary>
    public long Run(string corpus, TimeSpan duration, string artifacts)
    {
        string[] files = Directory.Exists(corpus) ? Directory.GetFiles(corpus) : [];
        if (files.Length == 0)
        {
            output.WriteLine($"{target.Name}: no corpus in {corpus}");
            return -1;
        }

        Array.Sort(files, StringComparer.Ordinal);
        Stopwatch watch = Stopwatch.StartNew();
        Mutator mutator = new(seed, target.Dictionary);
        foreach (string file in files)
        {
            byte[] octets = File.ReadAllBytes(file);
            _pool.Add(octets);
            if (!Execute(octets, artifacts))
            {
                return -1;
            }
        }

        while (watch.Elapsed < duration)
        {
            byte[] input = mutator.Mutate(_pool[mutator.Next(_pool.Count)], _pool[mutator.Next(_pool.Count)]);
            if (!Execute(input, artifacts))
            {
                return -1;
            }
        }

        output.WriteLine(
            $"{target.Name}: {_executions} executions in {watch.Elapsed.TotalSeconds:F0} s, {files.Length} files in the corpus, "
            + $"{_words.Count} different outcomes, seed {seed}: no defect");
        return _executions;
    }

    private bool Execute(byte[] input, string artifacts)
    {
        _executions++;
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            string word = target.Run(input);
            if (_words.Count < MaximumPool && _words.Add(word))
            {
                _pool.Add(input);
            }

            FuzzTargets.Require(watch.Elapsed < _slow, "an input is read in a moment");
            return true;
        }
        catch (Exception e)
        {
            // Every exception is what this program looks for.
            Directory.CreateDirectory(artifacts);
            string file = Path.Combine(artifacts, $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8))}");
            File.WriteAllBytes(file, input);
            output.WriteLine($"{target.Name}: execution {_executions} of seed {seed} failed; the input is in {file}");
            output.WriteLine(e);
            return false;
        }
    }
}

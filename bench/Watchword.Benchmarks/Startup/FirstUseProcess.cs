using System.Diagnostics;
using System.Globalization;
using Watchword.Benchmarks.Measuring;

namespace Watchword.Benchmarks.Startup;

/// <summary>What a fresh process measured.</summary>
/// <param name="ImportMilliseconds">Taking the keys.</param>
/// <param name="OperationMilliseconds">The first operation.</param>
/// <param name="HeapKibibytes">What the managed heap holds more afterwards: keys and all tables.</param>
internal sealed record FirstUseResult(double ImportMilliseconds, double OperationMilliseconds, double HeapKibibytes)
{
    public double TotalMilliseconds => ImportMilliseconds + OperationMilliseconds;
}

/// <summary>Both ends of a measurement: this process starts itself again, passes inputs in, and reads three numbers.</summary>
internal static class FirstUseProcess
{
    /// <summary>The hidden command of the started process.</summary>
    public const string Command = "first-use";

    /// <summary>Starts the process and waits for what it measures.</summary>
    public static FirstUseResult Start(FirstUse use)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(typeof(FirstUseProcess).Assembly.Location);
        }

        start.ArgumentList.Add(Command);
        start.ArgumentList.Add(use.Key);
        using Process process = Process.Start(start)!;
        foreach (byte[] input in use.MakeInputs())
        {
            process.StandardInput.WriteLine(Convert.ToHexString(input));
        }

        process.StandardInput.Close();
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string[] numbers = answer.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return process.ExitCode == 0 && numbers.Length == 3
            ? new FirstUseResult(Parse(numbers[0]), Parse(numbers[1]), Parse(numbers[2]))
            : throw new CheckFailedException($"{use.Key}: the first use in a process of its own failed");
    }

    /// <summary>In the started process: reads the inputs, measures, prints.</summary>
    public static void Answer(FirstUse use)
    {
        List<byte[]> inputs = [];
        while (Console.In.ReadLine() is { } line)
        {
            inputs.Add(Convert.FromHexString(line));
        }

        FirstUseResult result = Measure(use, [.. inputs]);
        FormattableString answer = $"{result.ImportMilliseconds} {result.OperationMilliseconds} {result.HeapKibibytes}";
        Console.Out.WriteLine(answer.ToString(CultureInfo.InvariantCulture));
    }

    private static FirstUseResult Measure(FirstUse use, byte[][] inputs)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        Func<bool> operation = use.Import(inputs);
        TimeSpan import = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        bool right = operation();
        TimeSpan first = Stopwatch.GetElapsedTime(start);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(operation);
        Expect.That(right, "the first operation gives the right result");
        return new FirstUseResult(import.TotalMilliseconds, first.TotalMilliseconds, (after - before) / 1024.0);
    }

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}

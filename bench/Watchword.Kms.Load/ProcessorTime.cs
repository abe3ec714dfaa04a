using System.Globalization;

namespace Watchword.Kms.Load;

/// <summary>Processor time and memory of processes, from <c>/proc</c>: user and system time in ticks of 10 ms.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;
    private const int ParentField = 1;
    private const int UserField = 11;
    private const int SystemField = 12;
    private const int ReapedUserField = 13;
    private const int ReapedSystemField = 14;

    /// <summary>Seconds of one process, its ended children not counted.</summary>
    public static double Of(int process) => Read(process) is { } fields ? Seconds(fields, UserField, SystemField) : 0;

    /// <summary>Seconds of a process with its children, ended ones included.</summary>
    public static double OfFamily(int process)
    {
        double sum = Read(process) is { } own ? Seconds(own, UserField, SystemField, ReapedUserField, ReapedSystemField) : 0;
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int other)
                && Read(other) is { } fields
                && fields[ParentField] == process.ToString(CultureInfo.InvariantCulture))
            {
                sum += Seconds(fields, UserField, SystemField);
            }
        }

        return sum;
    }

    /// <summary>Resident memory in MiB.</summary>
    public static double MemoryOf(int process)
    {
        string? line = File.ReadLines($"/proc/{process}/status")
            .FirstOrDefault(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[6..^2].Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>The fields behind the name, which may hold anything; null if the process has gone.</summary>
    private static string[]? Read(int process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Seconds(string[] fields, params ReadOnlySpan<int> places)
    {
        double sum = 0;
        foreach (int place in places)
        {
            sum += double.Parse(fields[place], CultureInfo.InvariantCulture);
        }

        return sum / TicksPerSecond;
    }
}

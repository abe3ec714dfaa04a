using System.Globalization;
using System.Runtime.InteropServices;

namespace Watchword.Hosting;

/// <summary>
/// Keeps the memory of a process that holds keys out of files: no core dump, no debugger of the same user. Swap cannot be kept
/// away
/// from within (locking all pages does not go with a garbage collector's address space); the unit and the host do that.
/// </summary>
public static partial class ProcessProtection
{
    private const int SetDumpable = 4;
    private const int GetDumpable = 3;
    private const int CoreLimit = 4;

    /// <summary>
    /// Forbids core dumps of this process: RLIMIT_CORE 0 for those that the kernel writes to a file, and not dumpable, which
    /// holds
    /// also where a pipe takes them and keeps other processes of the same user from attaching. Only for a process of our own.
    /// </summary>
    /// <returns>True if both hold.</returns>
    public static bool Apply()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        ResourceLimit none = default;
        bool limited = SetResourceLimit(CoreLimit, in none) == 0;
        return Control(SetDumpable, 0, 0, 0, 0) == 0 && limited;
    }

    /// <summary>Says how this process and this machine are protected.</summary>
    public static void Describe(ConfigurationFaults faults)
    {
        if (!OperatingSystem.IsLinux())
        {
            faults.Warn("process", "cannot forbid core dumps on this system", "run it on Linux");
            return;
        }

        if (Control(GetDumpable, 0, 0, 0, 0) == 0)
        {
            faults.Note("process", "writes no core dump and cannot be attached to");
        }
        else
        {
            faults.Warn("process", "may write a core dump, which would hold keys", "see whether a sandbox forbids prctl");
        }

        if (HasSwap())
        {
            faults.Warn("host", "has swap, which keys may be written to",
                "swapoff, encrypt it, or keep MemorySwapMax=0 in the unit");
        }

        if (Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") != "0")
        {
            faults.Warn("DOTNET_EnableDiagnostics", "is not 0, so that the same user can have a dump written by the runtime",
                "set it to 0 in the environment of the process, as the unit does");
        }
    }

    private static bool HasSwap()
    {
        try
        {
            // The first line is the head of the table.
            return File.ReadLines("/proc/swaps").Skip(1).Any() && !IsSwapForbidden();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>True if the control group of this process may not swap.</summary>
    private static bool IsSwapForbidden()
    {
        string? group = File.ReadLines("/proc/self/cgroup")
            .FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal));
        string limit = $"/sys/fs/cgroup{group?[3..]}/memory.swap.max";
        return group is not null && File.Exists(limit)
            && long.TryParse(File.ReadAllText(limit).Trim(), CultureInfo.InvariantCulture, out long most) && most == 0;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Current;
        public nuint Most;
    }
}

using Watchword.Hosting;

namespace Watchword.ResourceServers.Configuration;

/// <summary>
/// The data directory: for its owner alone, and a lab's or not. What a lab made opens with secrets that anybody may have: nothing
/// but a lab takes it, and a lab takes nothing else.
/// </summary>
internal sealed class StateDirectory(string path, bool isLab)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const string Option = "Services:DataDirectory";
    private const string Lab = "lab";
    private const string Production = "production";

    private readonly string _mark = Path.Combine(path, "installation");
    private readonly string _ours = isLab ? Lab : Production;

    /// <summary>Checks what is there; nothing there is well.</summary>
    public void Check(ConfigurationFaults faults)
    {
        if (path.Length == 0)
        {
            faults.Add(Option, "is empty", "name a directory that only the service can enter");
            return;
        }

        try
        {
            // Who can enter it can read who is in which group, and holds the sealed keys of signalling.
            if (!OperatingSystem.IsWindows() && Directory.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            {
                faults.Add(Option, $"names {path}, which others can enter", "chmod 700 it");
            }

            if (File.Exists(_mark) && File.ReadAllText(_mark) != _ours)
            {
                faults.Add(Option, $"names {path}, which {(isLab ? "is no lab's" : "a lab made")}", "name another");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add(Option, $"names {path}, which cannot be read ({fault.GetType().Name})", "check the path and its owner");
        }
    }

    /// <summary>Makes what is not there.</summary>
    public void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(path);
        }
        else
        {
            _ = Directory.CreateDirectory(path, OwnerOnly);
        }

        if (!File.Exists(_mark))
        {
            // Before anything else is made in there.
            File.WriteAllText(_mark, _ours);
        }
    }
}

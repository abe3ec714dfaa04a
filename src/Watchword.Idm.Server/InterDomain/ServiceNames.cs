using Watchword.Identity;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>The services as the configuration names them.</summary>
internal static class ServiceNames
{
    public static IReadOnlyList<string> All { get; } = ["mcptt", "mcvideo", "mcdata"];

    public static bool TryParse(string name, out McService service)
    {
        int index = All.ToList().IndexOf(name);
        service = (McService)Math.Max(index, 0);
        return index >= 0;
    }
}

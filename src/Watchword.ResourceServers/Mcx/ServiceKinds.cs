using Watchword.Identity;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.Mcx;

/// <summary>The services in the words of both vocabularies.</summary>
internal static class ServiceKinds
{
    /// <summary>The service as tokens know it.</summary>
    public static McService ToIdentity(McServiceKind kind) => kind switch
    {
        McServiceKind.Mcptt => McService.Mcptt,
        McServiceKind.McVideo => McService.McVideo,
        McServiceKind.McData => McService.McData,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>A bit for each, for a set of them in one number.</summary>
    public static int ToMask(IEnumerable<McServiceKind> kinds) => kinds.Aggregate(0, (mask, kind) => mask | (1 << (int)kind));

    /// <summary>Whether a set holds one.</summary>
    public static bool Holds(int mask, McServiceKind kind) => (mask & (1 << (int)kind)) != 0;
}

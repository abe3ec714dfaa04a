using Watchword.Client;
using Watchword.ResourceServers.GroupManagement.Keys;

namespace Watchword.ResourceServers.GroupManagement.Observability;

/// <summary>Log events 7400 to 7499. No group, no identity and no key in any of them.</summary>
internal static partial class GroupLog
{
    [LoggerMessage(7400, LogLevel.Information, "Key of a group: {Act}, {Count} members are told")]
    public static partial void GroupKeyChanged(this ILogger log, GroupKeyAct act, int count);

    [LoggerMessage(7401, LogLevel.Warning, "Key of a group not brought in line: {Fault} ({Number}); it is tried again")]
    public static partial void GroupKeyFailed(this ILogger log, ClientFault fault, int number);

    [LoggerMessage(7402, LogLevel.Error, "Keys of groups not brought in line; it is tried again")]
    public static partial void GroupWorkFailed(this ILogger log, Exception fault);

    [LoggerMessage(7403, LogLevel.Warning, "A key of a group was not sent: {Reason}; the member can fetch it")]
    public static partial void GroupKeyNotSent(this ILogger log, string reason);

    [LoggerMessage(7404, LogLevel.Error, "Sending a key of a group failed; the member can fetch it")]
    public static partial void GroupKeySendingFailed(this ILogger log, Exception fault);
}

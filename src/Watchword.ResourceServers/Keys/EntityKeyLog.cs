using Watchword.Client;

namespace Watchword.ResourceServers.Keys;

/// <summary>Events of the keys of this server's own identities, 7250 to 7259.</summary>
internal static partial class EntityKeyLog
{
    [LoggerMessage(7250, LogLevel.Information, "Keys of this server: {What}.")]
    public static partial void EntityKeyRenewal(this ILogger log, KeyRenewalEventKind what);

    [LoggerMessage(7251, LogLevel.Warning, "Keys of this server: {What} because of {Fault} ({Number}); it is tried again.")]
    public static partial void EntityKeyRenewalFailed(this ILogger log, KeyRenewalEventKind what, ClientFault fault, int number);

    [LoggerMessage(7252, LogLevel.Warning, "Keys of this server cannot be renewed: {Fault} ({Number}); it is tried again.")]
    public static partial void EntityKeysFailed(this ILogger log, ClientFault fault, int number);

    [LoggerMessage(7253, LogLevel.Warning, "The KMS could not be asked who keys users of other domains: {Fault} ({Number}); it is tried again.")]
    public static partial void EntityDomainsUnknown(this ILogger log, ClientFault fault, int number);
}

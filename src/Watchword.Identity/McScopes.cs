namespace Watchword.Identity;

/// <summary>The scope strings of TS 33.180 table B.4.2.2-1. Scopes are case-sensitive (RFC 6749 §3.3).</summary>
public static class McScopes
{
    /// <summary>Mandatory in every authentication request (B.4.2.2).</summary>
    public const string OpenId = "openid";

    /// <summary>Asks for a refresh token; OpenID Connect Core §11. MC clients of other makers leave it out and still expect one.</summary>
    public const string OfflineAccess = "offline_access";

    /// <summary>Manages accounts and clients of this IdM server; ours, not 3GPP's.</summary>
    public const string IdmAdministration = "watchword:idm:admin";

    /// <summary>Writes every document of a configuration or group management server; ours, not 3GPP's.</summary>
    public const string ServicesAdministration = "watchword:services:admin";

    private static readonly string[] Services = ["ptt", "video", "data"];
    private static readonly string[] Resources =
        ["service", "key_management_service", "config_management_service", "group_management_service"];

    private static readonly string[] Table =
        [.. Services.SelectMany(_ => Resources, (service, resource) => $"3gpp:mc:{service}_{resource}")];

    /// <summary>All twelve MC scopes, by service and then by resource.</summary>
    public static IReadOnlyList<string> All => Table;

    /// <summary>The scope that opens <paramref name="resource"/> for <paramref name="service"/>.</summary>
    public static string For(McService service, McResource resource) => Table[((int)service * Resources.Length) + (int)resource];

    /// <summary>Says which service and resource a scope opens; false for <c>openid</c> and for anything unknown.</summary>
    public static bool TryParse(string scope, out McService service, out McResource resource)
    {
        int index = Array.IndexOf(Table, scope);
        (service, resource) = index < 0
            ? (default, default)
            : ((McService)(index / Resources.Length), (McResource)(index % Resources.Length));
        return index >= 0;
    }

    /// <summary>Splits a <c>scope</c> value at single spaces (RFC 6749 §3.3); order and repeats do not matter.</summary>
    public static IReadOnlySet<string> Split(string? scope) =>
        new HashSet<string>((scope ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
}

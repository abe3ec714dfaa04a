namespace Watchword.Authorization;

/// <summary>Fixed names of this library.</summary>
public static class AccessTokenDefaults
{
    /// <summary>Name of the authentication scheme.</summary>
    public const string AuthenticationScheme = "Watchword.AccessToken";

    /// <summary>The configuration section that a host reads.</summary>
    public const string ConfigurationSection = "Authorization";

    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Watchword.Authorization";

    /// <summary>Longest token accepted, in characters (all of them ASCII).</summary>
    public const int MaxTokenLength = 16 * 1024;
}

using Watchword.Hosting;
using Watchword.Identity;

namespace Watchword.ResourceServers.Configuration;

/// <summary>A service that is switched on: what it is called, and what opens it.</summary>
public class ServiceSettings
{
    private protected ServiceSettings(McResource resource, string audience)
    {
        Resource = resource;
        Audience = audience;
        Scheme = "Watchword." + resource;
    }

    /// <summary>What scopes call it.</summary>
    public McResource Resource { get; }

    /// <summary>Its name in <c>aud</c>.</summary>
    public string Audience { get; }

    /// <summary>The authentication scheme of tokens for it.</summary>
    public string Scheme { get; }

    /// <summary>Reads what all services have; null for one that is off.</summary>
    internal static ServiceSettings? Read(ServiceOptions options, McResource resource, string section, ConfigurationFaults faults)
    {
        if (!options.Enabled)
        {
            return null;
        }

        CheckAudience(options, section, faults);
        return new ServiceSettings(resource, options.Audience);
    }

    private protected static void CheckAudience(ServiceOptions options, string section, ConfigurationFaults faults)
    {
        if (options.Audience.Length == 0)
        {
            faults.Add($"{section}:Audience", "is empty", "write what the IdM server puts into aud of tokens for this service");
        }
    }
}

using System.Collections.Frozen;
using System.Globalization;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.McServices;
using Watchword.Sip;

namespace Watchword.ResourceServers.Configuration;

/// <summary>A service that keeps XCAP documents, checked.</summary>
public abstract class XcapServiceSettings : ServiceSettings
{
    private const int LeastOctets = 1024;
    private const int MostOctets = 4 * 1024 * 1024;

    private protected XcapServiceSettings(
        XcapServiceOptions options, McResource resource, string section, ConfigurationFaults faults)
        : base(resource, options.Audience)
    {
        CheckAudience(options, section, faults);
        XcapRoot = ReadRoot(options.XcapRoot, section, faults);
        Path = XcapRoot.AbsolutePath.TrimEnd('/');
        AuthorisedServers = ReadUris(options.AuthorisedServers, $"{section}:AuthorisedServers", faults);
        Administrators = ReadUris(options.Administrators, $"{section}:Administrators", faults);
        MaxDocumentsPerUser = Within(options.MaxDocumentsPerUser, 1, 10_000, $"{section}:MaxDocumentsPerUser", faults);
        MaxSubscriptionsPerUser = Within(options.MaxSubscriptionsPerUser, 1, 1000, $"{section}:MaxSubscriptionsPerUser", faults);
        Limits = XmlLimits.Document with
        {
            MaxOctets = Within(options.MaxDocumentOctets, LeastOctets, MostOctets, $"{section}:MaxDocumentOctets", faults),
        };
        SubscriptionUri = SipUri.TryParse(options.SubscriptionUri, out SipUri? uri) && uri.IsSip ? uri : null;
        if (SubscriptionUri is null && options.SubscriptionUri.Length > 0)
        {
            faults.Add($"{section}:SubscriptionUri", "is no SIP URI",
                "write the public service identity, such as sip:cms@example.org");
        }
    }

    /// <summary>The XCAP root as clients know it, without a slash at its end.</summary>
    public Uri XcapRoot { get; }

    /// <summary>The path of the XCAP root, without a slash at its end; empty for the root of the host.</summary>
    public string Path { get; }

    /// <summary>The longest document.</summary>
    public XmlLimits Limits { get; }

    /// <summary>Most documents in the directory of one user.</summary>
    public int MaxDocumentsPerUser { get; }

    /// <summary>Most subscriptions of one user.</summary>
    public int MaxSubscriptionsPerUser { get; }

    /// <summary>Where SUBSCRIBE is sent to; null if nothing can be subscribed to.</summary>
    public SipUri? SubscriptionUri { get; }

    /// <summary>The MC servers that may read everything.</summary>
    internal FrozenSet<string> AuthorisedServers { get; }

    /// <summary>The network entities that may write everything.</summary>
    internal FrozenSet<string> Administrators { get; }

    private protected static int Within(int value, int least, int most, string name, ConfigurationFaults faults)
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        faults.Add(name, string.Create(CultureInfo.InvariantCulture, $"is not between {least} and {most}"),
            "write a number within");
        return least;
    }

    private static Uri ReadRoot(string text, string section, ConfigurationFaults faults)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0
            && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && !uri.AbsolutePath.Contains('%', StringComparison.Ordinal))
        {
            return uri;
        }

        faults.Add($"{section}:XcapRoot", "is no https URL without query", "write such as https://services.example.org/xcap");
        return new Uri("https://invalid.invalid/");
    }

    private static FrozenSet<string> ReadUris(List<string> uris, string name, ConfigurationFaults faults)
    {
        for (int i = 0; i < uris.Count; i++)
        {
            if (!McServiceId.IsValid(uris[i]))
            {
                faults.Add($"{name}:{i}", "is no identity of a network entity", "write a sip:, sips: or tel: URI");
            }
        }

        return uris.ToFrozenSet(StringComparer.Ordinal);
    }
}

/// <summary>The configuration management server, checked.</summary>
public sealed class ConfigurationManagementSettings : XcapServiceSettings
{
    private const string Section = "Services:Configuration";
    private const int MostReads = 1_000_000;

    private ConfigurationManagementSettings(ConfigurationManagementOptions options, ConfigurationFaults faults)
        : base(options, McResource.ConfigurationManagement, Section, faults)
    {
        UsersMayWrite = options.UsersMayWrite.ToFrozenSet(StringComparer.Ordinal);
        foreach (string auid in options.UsersMayWrite)
        {
            if (McServices.Configuration.ApplicationUsage.OfAuid(auid) is not
                { Kind: McServices.Configuration.DocumentKind.UserProfile or McServices.Configuration.DocumentKind.UeConfiguration })
            {
                faults.Add($"{Section}:UsersMayWrite", "names something that is no usage with documents of users",
                    "write such as org.3gpp.mcptt.user-profile");
            }
        }

        OpenReadsPerMinute = Within(options.OpenReadsPerMinute, 1, MostReads, $"{Section}:OpenReadsPerMinute", faults);
        OpenReadsPerUePerMinute = Within(
            options.OpenReadsPerUePerMinute, 1, MostReads, $"{Section}:OpenReadsPerUePerMinute", faults);
    }

    /// <summary>Most reads of initial configurations without a token in a minute.</summary>
    public int OpenReadsPerMinute { get; }

    /// <summary>The same of one UE.</summary>
    public int OpenReadsPerUePerMinute { get; }

    /// <summary>The application usages of whose documents a user may write his own.</summary>
    internal FrozenSet<string> UsersMayWrite { get; }

    /// <summary>Reads the section; null if the server is off.</summary>
    internal static ConfigurationManagementSettings? Read(ConfigurationManagementOptions options, ConfigurationFaults faults) =>
        options.Enabled ? new ConfigurationManagementSettings(options, faults) : null;
}

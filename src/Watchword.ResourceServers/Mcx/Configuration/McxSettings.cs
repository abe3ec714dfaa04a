using Watchword.Hosting;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Keys;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Configuration;

/// <summary>One service that this server authorises users for.</summary>
/// <param name="Names">What it is called.</param>
/// <param name="Psis">The PSIs of the participating function, which requests are sent to.</param>
/// <param name="MaxClients">How many clients of one user may be authorised at once.</param>
/// <param name="MaxAffiliations">How many groups one user may be affiliated to at once.</param>
internal sealed record McxServiceSettings(
    McServiceNames Names, IReadOnlyList<string> Psis, int MaxClients, int MaxAffiliations);

/// <summary>The MCX server's configuration, checked. Immutable.</summary>
internal sealed record McxSettings
{
    /// <summary>Name of this server in <c>aud</c> of tokens.</summary>
    public required string Audience { get; init; }

    public required IReadOnlyList<McxServiceSettings> Services { get; init; }

    /// <summary>Its own identities: the MDSI first, then what else CSKs may be addressed to.</summary>
    public required IReadOnlyList<EntityKeySettings> Identities { get; init; }

    /// <summary>File of the key that seals CSKs in the database.</summary>
    public required string CskKeyFile { get; init; }

    public bool RequireProtection { get; init; }

    public XpkIdForm XpkIdForm { get; init; }

    /// <summary>The configuration management server in another process that has the user profiles; null for none.</summary>
    public McxProfileSettings? Profiles { get; init; }

    /// <summary>Whether the configuration management server of this process has them.</summary>
    public bool HostsProfiles { get; init; }

    /// <summary>Whether users are affiliated implicitly: only where there is somebody to ask for their profiles.</summary>
    public bool AffiliatesImplicitly => Profiles is not null || HostsProfiles;

    /// <summary>Who signs KMS redirect responses; null for nobody.</summary>
    public McxSignerOptions? RedirectSigner { get; init; }

    public required string WarnHost { get; init; }

    public TimeSpan MinExpires { get; init; }

    public TimeSpan MaxExpires { get; init; }

    /// <summary>What a PUBLISH that names no time gets.</summary>
    public TimeSpan DefaultExpires { get; init; }

    /// <summary>The service of a kind; null if it is not authorised here.</summary>
    public McxServiceSettings? Find(McServiceKind kind) => Services.FirstOrDefault(service => service.Names.Kind == kind);

    /// <summary>Checks the section <c>Services:Mcx</c>; every fault is named.</summary>
    public static McxSettings Check(McxOptions options, ConfigurationFaults faults)
    {
        if (options.Audience.Length == 0)
        {
            faults.Add($"{McxOptions.Section}:Audience", "is missing",
                "write the name of this server in the aud of access tokens");
        }

        if (options.WarnHost.Length == 0 || options.WarnHost.Any(c => c is <= ' ' or >= '\x7f' or '"' or ','))
        {
            faults.Add($"{McxOptions.Section}:WarnHost", "is no host name", "write the host that Warning headers name");
        }

        CheckTimes(options, faults);
        CheckKeyFile(options.CskKeyFile, faults);
        return new McxSettings
        {
            Audience = options.Audience,
            Services = CheckServices(options, faults),
            Identities = CheckIdentities(options, faults),
            CskKeyFile = options.CskKeyFile,
            RequireProtection = options.RequireProtection,
            XpkIdForm = options.XpkIdForm,
            Profiles = options.Profiles is { } profiles ? McxProfileSettings.Check(profiles, faults) : null,
            RedirectSigner = RedirectSigning.Check(options.RedirectSigner, faults),
            WarnHost = options.WarnHost,
            MinExpires = options.MinExpires,
            MaxExpires = options.MaxExpires,
            DefaultExpires = options.DefaultExpires,
        };
    }

    /// <summary>Bounds a lifetime that a registration asks for; null asks for none.</summary>
    public TimeSpan Grant(uint? seconds)
    {
        TimeSpan wanted = seconds is { } asked ? TimeSpan.FromSeconds(asked) : DefaultExpires;
        return wanted < MaxExpires ? wanted : MaxExpires;
    }

    private static List<McxServiceSettings> CheckServices(McxOptions options, ConfigurationFaults faults)
    {
        List<McxServiceSettings> services = [];
        for (int i = 0; i < options.Services.Count; i++)
        {
            McxServiceOptions service = options.Services[i];
            string section = $"{McxOptions.Section}:Services:{i}";
            McServiceNames? names = McServiceNames.All.FirstOrDefault(
                known => string.Equals(known.Name, service.Service, StringComparison.OrdinalIgnoreCase));
            if (names is null || services.Exists(other => other.Names == names))
            {
                faults.Add($"{section}:Service", "is no service, or one that stands there twice",
                    "write MCPTT, MCVideo or MCData");
                continue;
            }

            if (service.Psis.Count == 0 || !service.Psis.TrueForAll(psi => SipUri.TryParse(psi, out SipUri? uri) && uri.IsSip))
            {
                faults.Add($"{section}:Psis", "has no sip: URI, or something else",
                    "write the PSIs of the participating function");
            }

            if (service.MaxClients is < 1 or > 1000)
            {
                faults.Add($"{section}:MaxClients", "is not 1 to 1000", "write how many clients a user may have at once");
            }

            if (service.MaxAffiliations is < 1 or > 10_000)
            {
                faults.Add($"{section}:MaxAffiliations", "is not 1 to 10000",
                    "write how many groups a user may be affiliated to at once");
            }

            services.Add(new McxServiceSettings(names, [.. service.Psis], service.MaxClients, service.MaxAffiliations));
        }

        if (services.Count == 0)
        {
            faults.Add($"{McxOptions.Section}:Services", "names no service", "write those that users are authorised for");
        }

        return services;
    }

    private static EntityKeySettings[] CheckIdentities(McxOptions options, ConfigurationFaults faults)
    {
        if (options.Identities.Count == 0)
        {
            faults.Add($"{McxOptions.Section}:Identities", "is empty", "write the MDSI first: clients encrypt their CSK to it");
        }

        if (options.Identities.DistinctBy(identity => identity.Uri).Count() != options.Identities.Count
            || options.Identities.DistinctBy(identity => identity.StoreDirectory).Count() != options.Identities.Count)
        {
            faults.Add($"{McxOptions.Section}:Identities", "has two of one Uri or StoreDirectory", "give each its own");
        }

        return [.. options.Identities.Select(
            (identity, i) => EntityKeySettings.Check(identity, $"{McxOptions.Section}:Identities:{i}", faults))];
    }

    private static void CheckTimes(McxOptions options, ConfigurationFaults faults)
    {
        TimeSpan year = TimeSpan.FromDays(366);
        if (options.MinExpires < TimeSpan.FromSeconds(1) || options.MinExpires > TimeSpan.FromHours(1))
        {
            faults.Add($"{McxOptions.Section}:MinExpires", "is not 1 second to 1 hour",
                "RFC 3903 §6 refuses what is shorter with 423");
        }

        if (options.MaxExpires < TimeSpan.FromHours(1) || options.MaxExpires > year)
        {
            faults.Add($"{McxOptions.Section}:MaxExpires", "is not 1 hour to 366 days", "what clients ask for is cut to it");
        }

        if (options.DefaultExpires < options.MinExpires || options.DefaultExpires > options.MaxExpires)
        {
            faults.Add($"{McxOptions.Section}:DefaultExpires", "is not between MinExpires and MaxExpires",
                "write one between them");
        }
    }

    private static void CheckKeyFile(string path, ConfigurationFaults faults)
    {
        string option = $"{McxOptions.Section}:CskKeyFile";
        if (path.Length == 0)
        {
            faults.Add(option, "is missing", "name a file of 32 random octets that only the owner can read");
            return;
        }

        HostingRules.CheckSecretFile(path, option, groupMayRead: false, faults);
        if (File.Exists(path) && new FileInfo(path).Length != Storage.KeyVault.KeyFileSizeInBytes)
        {
            faults.Add(option, $"names {path}, which has not 32 octets", "head -c 32 /dev/urandom > it");
        }
    }
}
